import CKernels

/// Trades channels for resolution, as `torch.nn.PixelShuffle`.
public final class PixelShuffleLayer: Layer {
    /// How much wider and higher the images become.
    public let factor: Int

    private let context: ComputeContext

    /// Makes a layer that upscales `factor` times.
    public init(factor: Int, context: ComputeContext) {
        self.factor = factor
        self.context = context
    }

    /// Rearranges `[N, C * factor * factor, H, W]` to `[N, C, H * factor, W * factor]`.
    public func forward(_ input: Batch) -> Batch {
        precondition(input.channels % (factor * factor) == 0, "the channels do not divide")
        let output = Batch(
            context, count: input.count, channels: input.channels / (factor * factor), height: input.height * factor,
            width: input.width * factor)
        context.threads.run(input.count) { sample, _ in
            ck_shuffle_pixels_f32(
                input.start + sample * input.imageCount, input.channels, input.height, input.width, output.channels,
                factor, output.start + sample * output.imageCount)
        }
        return output
    }

    /// Rearranges back.
    public func backward(_ gradient: Batch) -> Batch {
        let result = Batch(
            context, count: gradient.count, channels: gradient.channels * factor * factor,
            height: gradient.height / factor, width: gradient.width / factor)
        context.threads.run(gradient.count) { sample, _ in
            ck_unshuffle_pixels_f32(
                gradient.start + sample * gradient.imageCount, result.height, result.width, gradient.channels, factor,
                result.start + sample * result.imageCount, result.channels)
        }
        return result
    }
}

/// Lists the numbers of each image as channels of one pixel, in the order of `torch.nn.Flatten`: `[N, C * H * W, 1, 1]`.
public final class FlattenLayer: Layer {
    private let context: ComputeContext
    private var shape: [Int] = []

    /// Makes a layer.
    public init(context: ComputeContext) {
        self.context = context
    }

    /// Lists.
    public func forward(_ input: Batch) -> Batch {
        shape = input.shape
        let output = Batch(context, count: input.count, channels: input.imageCount, height: 1, width: 1)
        context.threads.run(input.count) { sample, _ in
            let offset = sample * input.imageCount
            ck_transpose_f32(input.start + offset, input.height * input.width, input.channels, output.start + offset)
        }
        return output
    }

    /// Puts the numbers back into their places.
    public func backward(_ gradient: Batch) -> Batch {
        precondition(shape.count == 4, "backward follows forward")
        let result = Batch(context, count: shape[0], channels: shape[1], height: shape[2], width: shape[3])
        context.threads.run(result.count) { sample, _ in
            let offset = sample * result.imageCount
            ck_transpose_f32(
                gradient.start + offset, result.channels, result.height * result.width, result.start + offset)
        }
        return result
    }
}

/// The largest value of each window, as `torch.nn.MaxPool2d` without padding.
public final class MaxPool2dLayer: Layer {
    /// The window's side.
    public let kernel: Int
    /// The step between two windows.
    public let stride: Int

    private let context: ComputeContext
    private var inputShape: [Int] = []
    private var places: [UInt8] = []

    /// Makes a layer; a window has at most 256 places.
    public init(kernel: Int, stride: Int, context: ComputeContext) {
        precondition(kernel > 0 && kernel <= 16 && stride > 0)
        self.kernel = kernel
        self.stride = stride
        self.context = context
    }

    /// Takes the largest values.
    public func forward(_ input: Batch) -> Batch {
        precondition(input.height >= kernel && input.width >= kernel, "the image is smaller than a window")
        inputShape = input.shape
        let output = Batch(
            context, count: input.count, channels: input.channels, height: (input.height - kernel) / stride + 1,
            width: (input.width - kernel) / stride + 1)
        if places.count != output.numbers { places = [UInt8](repeating: 0, count: output.numbers) }
        places.withUnsafeMutableBufferPointer { places in
            context.threads.run(input.count) { sample, _ in
                var windows = windows(input: input, output: output)
                context.passes.max_pool(
                    &windows, input.start + sample * input.imageCount, output.start + sample * output.imageCount,
                    places.baseAddress! + sample * output.imageCount)
            }
        }
        return output
    }

    /// Hands each gradient to the largest value's place.
    public func backward(_ gradient: Batch) -> Batch {
        precondition(places.count == gradient.numbers, "backward follows forward")
        let result = Batch(
            context, count: inputShape[0], channels: inputShape[1], height: inputShape[2], width: inputShape[3])
        places.withUnsafeBufferPointer { places in
            context.threads.run(result.count) { sample, _ in
                var windows = windows(input: result, output: gradient)
                context.passes.max_pool_gradient(
                    &windows, gradient.start + sample * gradient.imageCount,
                    places.baseAddress! + sample * gradient.imageCount, result.start + sample * result.imageCount)
            }
        }
        return result
    }

    private func windows(input: Batch, output: Batch) -> ck_pooling {
        ck_pooling(
            height: input.height, width: input.width, channels: input.channels, kernel: kernel, stride: stride,
            output_height: output.height, output_width: output.width)
    }
}
