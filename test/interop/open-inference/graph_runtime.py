"""A graph served by MLServer: tensors of the Open Inference Protocol in, its outputs out."""
import numpy as np
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse


class GraphRuntime(MLModel):
    async def load(self) -> bool:
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {}
        for each in payload.inputs:
            if each.datatype == "BYTES":
                feeds[each.name] = np.array(StringCodec.decode_input(each), dtype=object)
            else:
                feeds[each.name] = NumpyCodec.decode_input(each)
        names = [each.name for each in payload.outputs]
        outputs = []
        for name, value in zip(names, self.session.run(names, feeds)):
            value = np.asarray(value)
            codec = StringCodec if value.dtype == object else NumpyCodec
            outputs.append(codec.encode_output(name, value.tolist() if value.dtype == object else value))
        return InferenceResponse(model_name=self.name, outputs=outputs)
