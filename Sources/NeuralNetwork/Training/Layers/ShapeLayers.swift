import CKernels

/// Rearranges channels into space, like `torch.nn.PixelShuffle`.
public final class PixelShuffleLayer: Layer {
    /// The upscaling factor of width and height.
    public let factor: Int

    private let context: ComputeContext

    /// Makes a layer that upscales by `factor`.
    public init(factor: Int, context: ComputeContext) {
        self.factor = factor
        self.context = context
    }

    /// Rearranges `[N, C * factor * factor, H, W]` to `[N, C, H * factor, W * factor]`.
    public func forward(_ input: Batch) -> Batch {
        precondition(
            input.channels % (factor * factor) == 0, "the channel count is not a multiple of the squared factor")
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

    /// Rearranges the gradient in the opposite direction.
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

/// Flattens each image in the order of `torch.nn.Flatten`, to `[N, C * H * W, 1, 1]`.
public final class FlattenLayer: Layer {
    private let context: ComputeContext
    private var shape: [Int] = []

    /// Makes a layer.
    public init(context: ComputeContext) {
        self.context = context
    }

    /// Flattens a batch.
    public func forward(_ input: Batch) -> Batch {
        shape = input.shape
        let output = Batch(context, count: input.count, channels: input.imageCount, height: 1, width: 1)
        context.threads.run(input.count) { sample, _ in
            let offset = sample * input.imageCount
            ck_transpose_f32(input.start + offset, input.height * input.width, input.channels, output.start + offset)
        }
        return output
    }

    /// Restores the shape of the forward pass's input.
    public func backward(_ gradient: Batch) -> Batch {
        precondition(shape.count == 4, "backward was called without forward")
        let result = Batch(context, count: shape[0], channels: shape[1], height: shape[2], width: shape[3])
        context.threads.run(result.count) { sample, _ in
            let offset = sample * result.imageCount
            ck_transpose_f32(
                gradient.start + offset, result.channels, result.height * result.width, result.start + offset)
        }
        return result
    }
}

/// The maximum of each window, like `torch.nn.MaxPool2d` without padding.
public final class MaxPool2dLayer: Layer {
    /// The window size.
    public let kernel: Int
    /// The step from one window to the next.
    public let stride: Int

    private let context: ComputeContext
    private var inputShape: [Int] = []
    private var places: [UInt8] = []

    /// Makes a layer; a window has at most 256 pixels, because positions are stored as bytes.
    public init(kernel: Int, stride: Int, context: ComputeContext) {
        precondition(kernel > 0 && kernel <= 16 && stride > 0)
        self.kernel = kernel
        self.stride = stride
        self.context = context
    }

    /// Computes the maximum of each window.
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

    /// Adds each gradient to the position of its window's maximum.
    public func backward(_ gradient: Batch) -> Batch {
        precondition(places.count == gradient.numbers, "backward was called without forward")
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
