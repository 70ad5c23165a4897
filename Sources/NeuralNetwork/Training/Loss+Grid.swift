extension Loss {
    /// A penalty for a grid: an error that repeats every `period` pixels in both directions.
    ///
    /// A pixel's phase is its row and column modulo the period. The loss is the mean absolute difference between the
    /// mean error of each phase and the mean error of all phases, per image and channel. It is zero for every error
    /// that does not depend on the phase.
    ///
    /// - Parameter period: The factor by which the generator upscales; it must divide width and height.
    public static func grid(
        _ input: Batch, _ target: Batch, period: Int, weight: Float = 1, context: ComputeContext
    ) -> (loss: Double, gradient: Batch) {
        precondition(input.shape == target.shape, "the shapes differ")
        precondition(input.width % period == 0 && input.height % period == 0, "the period must divide the size")
        let gradient = input.sibling(context)
        let (channels, phases) = (input.channels, period * period)
        let cells = Double(input.width * input.height / phases)
        var losses = [Double](repeating: 0, count: input.count)
        losses.withUnsafeMutableBufferPointer { losses in
            context.threads.run(input.count) { sample, _ in
                let offset = sample * input.imageCount
                let (x, t, slope) = (input.start + offset, target.start + offset, gradient.start + offset)
                func eachRow(_ body: (_ first: Int, _ phase: Int) -> Void) {
                    for y in 0..<input.height { body(y * input.width * channels, y % period * period) }
                }
                var means = [Double](repeating: 0, count: phases * channels)
                eachRow { first, phase in
                    for column in 0..<input.width {
                        let place = (phase + column % period) * channels
                        for channel in 0..<channels {
                            let i = first + column * channels + channel
                            means[place + channel] += Double(x[i] - t[i])
                        }
                    }
                }
                for channel in 0..<channels {
                    let places = stride(from: channel, to: means.count, by: channels)
                    let mean = places.reduce(0) { $0 + means[$1] } / Double(phases)
                    let signs = places.map { means[$0] == mean ? 0 : means[$0] > mean ? 1.0 : -1 }
                    losses[sample] += places.reduce(0) { $0 + abs(means[$1] - mean) } / cells / Double(phases)
                    // The mean over the phases depends on each phase too.
                    let shared = signs.reduce(0, +) / Double(phases)
                    for (place, sign) in zip(places, signs) { means[place] = sign - shared }
                }
                let factor = Double(weight) / (cells * Double(phases * channels * input.count))
                let slopes = means.map { Float($0 * factor) }
                eachRow { first, phase in
                    for column in 0..<input.width {
                        let place = (phase + column % period) * channels
                        for channel in 0..<channels {
                            slope[first + column * channels + channel] = slopes[place + channel]
                        }
                    }
                }
            }
        }
        return (losses.reduce(0, +) / Double(input.count * channels), gradient)
    }
}
