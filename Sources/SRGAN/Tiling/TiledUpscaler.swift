import Imaging
import LinuxSupport
import NeuralNetwork
import Synchronization
import SystemPackage

/// Upscales an image tile by tile, from a reader to a file descriptor, while decoder and encoder run in parallel.
///
/// Only a few rows of tiles are in memory. The result is bit-identical for any number of threads.
public struct TiledUpscaler<Generator: TileGenerator>: Sendable {
    /// The generator that upscales the tiles.
    public let generator: Generator
    /// The tile size, overlap and number of threads.
    public let settings: TileSettings

    /// Makes an upscaler, which can be used for any number of images.
    public init(generator: Generator, settings: TileSettings) {
        precondition(settings.threads > 0, "at least one thread is required")
        self.generator = generator
        self.settings = settings
    }

    /// Plans the tiles of an image.
    public func plan(for reader: ImageReader) -> TilePlan {
        let rowBytes = reader.width * generator.scale * generator.scale * reader.layout.bytesPerPixel
        return settings.plan(
            width: reader.width, height: reader.height, receptiveFieldRadius: generator.receptiveFieldRadius,
            bandBytesPerRow: rowBytes)
    }

    /// Makes the writer for the upscaled image.
    ///
    /// - Throws: `outputTooLarge` if the format cannot hold the result; nothing has been decoded at that point.
    public func makeWriter(
        for reader: ImageReader, format: ImageFormat, options: EncodeOptions, policy: ImageMetadata.Policy
    ) throws(ImagingError) -> ImageWriter {
        let layout = reader.layout.representable(in: format)
        var metadata = reader.metadata.filtered(by: policy)
        if layout.bits < reader.layout.bits {
            metadata.notes.append(
                "The image has \(reader.layout.bits) bits per channel; \(format.displayName) holds only \(layout.bits)."
            )
        }
        return try ImageWriter(
            format: format, width: reader.width * generator.scale, height: reader.height * generator.scale,
            layout: layout, metadata: metadata, options: options)
    }

    /// Upscales the image and returns after the last byte is written; nothing is synced to disk.
    ///
    /// The encoder runs on the calling thread, which must not belong to Swift's cooperative pool.
    ///
    /// - Parameters:
    ///   - reader: The image. It must have no alpha channel if the writer's format has none.
    ///   - writer: A writer made by `makeWriter`.
    ///   - fileDescriptor: The descriptor to which the encoded file is written.
    ///   - progress: Called after each tile with the number of finished tiles, starting at 1. Calls come from any
    ///     thread, but one at a time.
    /// - Throws: The first error of the reader, the generator or the writer.
    public func upscale(
        _ reader: ImageReader, with writer: ImageWriter, to fileDescriptor: Int32,
        progress: @escaping @Sendable (_ tilesDone: Int) -> Void = { _ in }
    ) throws -> UpscaleStatistics {
        precondition(reader.layout.hasAlpha == writer.layout.hasAlpha, "reader and writer must agree on alpha")
        let plan = plan(for: reader)
        let buffers = BandBuffers(
            plan: plan, inputLayout: reader.layout, outputLayout: writer.layout, scale: generator.scale,
            threads: settings.threads)
        let pipeline = BandPipeline(plan: plan, slots: buffers.slots)
        let feed = EncoderFeed(buffers: buffers, pipeline: pipeline)
        let decoder = BandDecoder(reader: reader, buffers: buffers, pipeline: pipeline)
        let progressOrder = Mutex(())

        // Threads without a tile help those that compute one.
        let owners = min(settings.threads, plan.count, settings.maximumConcurrentTiles ?? .max)
        let loops = SharedLoops(threads: settings.threads)
        loops.begin(owners: owners)
        let compute = { @Sendable [generator] (index: Int) in
            defer { loops.help(as: index, wasOwner: index < owners) }
            guard index < owners else { return }
            let worker = TileWorker(
                generator: generator, buffers: buffers, sharer: LoopSharer(loops, thread: index))
            while let tile = pipeline.takeTile() {
                do {
                    try worker.process(tile)
                } catch {
                    pipeline.fail(error)
                    return
                }
                progressOrder.withLock { _ in progress(pipeline.didFinish(tile)) }
            }
        }
        var threads: [NamedThread] = []
        let began = ContinuousClock.now
        do {
            threads.append(try NamedThread(name: "decoder") { decoder.run() })
            for index in 0..<settings.threads {
                do {
                    threads.append(try NamedThread(name: "tiles-\(index)") { compute(index) })
                } catch {
                    // The threads that there are compute all tiles.
                    guard index > 0 else { throw error }
                    loops.remove(owners: max(0, owners - index))
                    break
                }
            }
            try writer.write(to: fileDescriptor, rows: feed)
        } catch let error as Errno {
            pipeline.fail(ImagingError(.outOfMemory, "The system has no thread left for the work: \(error)."))
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
