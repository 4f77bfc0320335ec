"""Runs a notebook with parameters of every kind, through a translator to TypeScript registered with papermill."""

import json
import sys

import papermill
from papermill.translators import Translator, papermill_translators


class TypeScriptTranslator(Translator):
    @classmethod
    def translate(cls, val):
        return json.dumps(val)

    @classmethod
    def comment(cls, cmt_str):
        return f"// {cmt_str}"

    @classmethod
    def assign(cls, name, str_val):
        return f"var {name} = {str_val};"


papermill_translators.register("typescript", TypeScriptTranslator)
source, target, parameters = sys.argv[1:]
papermill.execute_notebook(source, target, parameters=json.loads(parameters), progress_bar=False)
