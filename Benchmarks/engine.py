#!/usr/bin/env python3
"""Run one other engine in its own process with its own thread pool: engine.py NAME MODEL INPUT OUTPUT SIDE THREADS

The interface is that of `srgan-bench generator`: INPUT and OUTPUT are raw single-precision planes in [0, 1]. MODEL is a generator of
srgan, or a checkpoint of another architecture, which spandrel reads. The program prepares the network for one tile size and prints the
engine's name and version. Then it answers each line on standard input with the seconds that
one run took. generator.py calls the engines in turn.
"""
import os
import subprocess
import sys
import tempfile
import time
import types

name, model, input_path, output_path, side, threads = *sys.argv[1:5], int(sys.argv[5]), int(sys.argv[6])
os.environ["OMP_NUM_THREADS"] = str(threads)
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../scripts/fixtures"))

import numpy as np  # noqa: E402
import torch  # noqa: E402

torch.set_num_threads(threads)


def load():
    """The network, its scale, and the smallest and largest value of its images."""
    from safetensors import safe_open
    if model.endswith(".safetensors"):
        with safe_open(model, "pt") as file:
            if "conv1.0.weight" in file.keys():
                from make_fixtures import load_generator
                return load_generator(model), 4, (-1, 1)
    # spandrel imports torchvision. Its operators for object detection exist only in builds for the same torch, and nothing here needs them.
    sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
    from spandrel import ModelLoader
    loaded = ModelLoader("cpu").load_from_file(model)
    return loaded.model.float().eval(), loaded.scale, (0, 1)


generator, scale, (low, high) = load()
x = torch.from_numpy(np.fromfile(input_path, np.float32).reshape(1, 3, side, side) * (high - low) + low)


def onnx_file(folder):
    """The network as ONNX for this tile size. The exporter runs the network, so it gets a small tile; no layer depends on the size."""
    import onnx
    path = f"{folder}/generator.onnx"
    torch.onnx.export(generator, (x[:, :, :32, :32],), path, input_names=["x"], output_names=["y"], dynamo=False)
    file = onnx.load(path)
    for value, factor in (file.graph.input[0], 1), (file.graph.output[0], scale):
        for dimension in value.type.tensor_type.shape.dim[2:]:
            dimension.dim_value = factor * side
    onnx.save(file, path)
    return path


def torch_default(_):
    return lambda: generator(x).numpy()


def torch_channels_last(_):
    g, t = generator.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    return lambda: g(t).numpy()


def torch_jit(_):
    g = torch.jit.optimize_for_inference(torch.jit.trace(generator.to(memory_format=torch.channels_last), x))
    t = x.contiguous(memory_format=torch.channels_last)
    return lambda: g(t).numpy()


def onnxruntime(folder):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = ort.InferenceSession(onnx_file(folder), options, providers=["CPUExecutionProvider"])
    a = x.numpy()
    return lambda: session.run(None, {"x": a})[0]


def openvino(folder):
    import openvino as ov
    core = ov.Core()
    # Without INFERENCE_PRECISION_HINT, OpenVINO would compute in bfloat16 on processors that support it.
    compiled = core.compile_model(onnx_file(folder), "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"})
    request, a = compiled.create_infer_request(), x.numpy()
    return lambda: request.infer({0: a})[0]


def ncnn(folder):
    import ncnn
    # The converter runs the network, so it gets small tiles. It gets two sizes, because it would treat a single size as a constant.
    torch.jit.trace(generator, x[:, :, :32, :32]).save(f"{folder}/generator.pt")
    converter = os.path.join(os.path.dirname(sys.executable), "pnnx")
    subprocess.run([converter, f"{folder}/generator.pt", "inputshape=[1,3,32,32]", "inputshape2=[1,3,48,40]", "fp16=0"],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)
    net = ncnn.Net()
    net.opt.num_threads = threads
    # With sgemm convolution, ncnn copies 9 x 9 x 64 numbers for each output pixel of the last layer: 22 GB for a tile of 256. It is
    # also slower.
    net.opt.use_sgemm_convolution = False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    net.load_param(f"{folder}/generator.ncnn.param")
    net.load_model(f"{folder}/generator.ncnn.bin")
    a = ncnn.Mat(np.ascontiguousarray(x.numpy()[0]))

    def run():
        extractor = net.create_extractor()
        extractor.input("in0", a)
        return np.array(extractor.extract("out0")[1])[None]
    return run


def title():
    """The engine's name and version for the table."""
    module, shown = {"torch": ("torch", "PyTorch {}, default layout"), "torch-channels-last": ("torch", "PyTorch {}, channels last"),
                     "torch-jit": ("torch", "PyTorch {}, TorchScript"), "onnxruntime": ("onnxruntime", "ONNX Runtime {}"),
                     "openvino": ("openvino", "OpenVINO {}"), "ncnn": ("ncnn", "ncnn {}")}[name]
    return shown.format(sys.modules[module].__version__.split("+")[0].split("-")[0])


with torch.inference_mode(), tempfile.TemporaryDirectory() as folder:
    run = {"torch": torch_default, "torch-channels-last": torch_channels_last, "torch-jit": torch_jit,
           "onnxruntime": onnxruntime, "openvino": openvino, "ncnn": ncnn}[name](folder)
    ((np.ascontiguousarray(run(), np.float32) - low) / (high - low)).tofile(output_path)
    print(title(), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)
