"""A service of BentoML with ONNX Runtime. MODEL is the file, WORKERS how many processes answer."""

import os

import bentoml
import numpy as np


@bentoml.service(workers=int(os.environ["WORKERS"]))
class Trees:
    def __init__(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])

    @bentoml.api
    def infer(self, rows: np.ndarray) -> np.ndarray:
        return self.session.run(["y"], {"x": rows.astype(np.float32)})[0]
