import Imaging
import LinuxSupport
import Synchronization

/// Upscales an image tile by tile, from a reader to a file descriptor, while decoder and encoder run beside.
///
/// Only a few rows of tiles are in memory. The result does not depend on the number of threads, bit for bit.
public struct TiledUpscaler<Generator: TileGenerator>: Sendable {
    /// What upscales a tile.
    public let generator: Generator
    /// How images are cut.
    public let settings: TileSettings

    /// Makes an upscaler; it may be used for any number of images.
    public init(generator: Generator, settings: TileSettings) {
        precondition(settings.threads > 0, "someone must do the work")
        self.generator = generator
        self.settings = settings
    }

    /// How an image will be cut.
    public func plan(for reader: ImageReader) -> TilePlan {
        let rowBytes = reader.width * generator.scale * generator.scale * reader.layout.bytesPerPixel
        return settings.plan(
            width: reader.width, height: reader.height, receptiveFieldRadius: generator.receptiveFieldRadius,
            bandBytesPerRow: rowBytes)
    }

    /// Describes the result of an image.
    ///
    /// - Throws: `outputTooLarge` when the format cannot hold the result; nothing has been decoded then.
    public func makeWriter(
        for reader: ImageReader, format: ImageFormat, options: EncodeOptions, policy: ImageMetadata.Policy
    ) throws(ImagingError) -> ImageWriter {
        try ImageWriter(
            format: format, width: reader.width * generator.scale, height: reader.height * generator.scale,
            layout: reader.layout.representable(in: format), metadata: reader.metadata.filtered(by: policy),
            options: options)
    }

    /// Does the whole work and returns when the last byte is written; nothing is synced to disk.
    ///
    /// The encoder runs on the calling thread, which must not be one of Swift's cooperative pool.
    ///
    /// - Parameters:
    ///   - reader: the image; without alpha where the writer's format has none.
    ///   - writer: made by `makeWriter`.
    ///   - fileDescriptor: where the file goes.
    ///   - progress: called after each tile with the number of tiles done, from 1 up, on any thread, one at a time.
    /// - Throws: the first error of reader, generator or writer.
    public func upscale(
        _ reader: ImageReader, with writer: ImageWriter, to fileDescriptor: Int32,
        progress: @escaping @Sendable (_ tilesDone: Int) -> Void = { _ in }
    ) throws -> UpscaleStatistics {
        precondition(reader.layout.hasAlpha == writer.layout.hasAlpha, "the reader must flatten for this writer")
        let plan = plan(for: reader)
        let buffers = BandBuffers(
            plan: plan, inputLayout: reader.layout, outputLayout: writer.layout, scale: generator.scale)
        let pipeline = BandPipeline(plan: plan)
        let feed = EncoderFeed(buffers: buffers, pipeline: pipeline)
        let decoder = BandDecoder(reader: reader, buffers: buffers, pipeline: pipeline)
        let progressOrder = Mutex(())

        var threads = [NamedThread(name: "decoder") { decoder.run() }]
        for index in 0..<min(settings.threads, plan.count) {
            threads.append(
                NamedThread(name: "tiles-\(index)") { [generator] in
                    let worker = TileWorker(generator: generator, buffers: buffers)
                    while let tile = pipeline.takeTile() {
                        do {
                            try worker.process(tile)
                        } catch {
                            pipeline.fail(error)
                            return
                        }
                        progressOrder.withLock { _ in progress(pipeline.didFinish(tile)) }
                    }
                })
        }
        let began = ContinuousClock.now
        do {
            try writer.write(to: fileDescriptor, rows: feed)
        } catch {
            pipeline.fail(error)
        }
        let encoding = ContinuousClock.now - began - feed.waited
        for thread in threads { thread.join() }
        if let failure = pipeline.failure { throw failure }
        return UpscaleStatistics(
            tiles: plan.count, decodeSeconds: decoder.seconds, upscaleSeconds: pipeline.upscaleSeconds,
            encodeSeconds: max(0, encoding.seconds))
    }
}
