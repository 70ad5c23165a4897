import CVips
import Glibc

/// The file that an encoder writes to, through a libvips target.
///
/// libvips' own target for descriptors reports a failed write only as text in the error buffer, which all threads of a
/// process share. This one keeps the error number.
///
/// Not Sendable: libvips calls it from one thread at a time.
final class EncodedOutput {
    private let descriptor: Int32
    private let head: (any FileHead)?
    /// The encoder's first bytes, until the file's head is written; nil afterwards.
    private var start: [UInt8]?
    /// The error number of the first failed system call; 0 if none failed.
    private(set) var error: Int32 = 0

    init(descriptor: Int32, head: (any FileHead)?) {
        self.descriptor = descriptor
        self.head = head
        start = head == nil ? nil : []
    }

    /// Makes a target that writes to this output, which must outlive it; the caller unrefs it. Only the TIFF encoder
    /// reads and seeks.
    func makeTarget() -> UnsafeMutablePointer<VipsTarget>? {
        func output(_ context: UnsafeMutableRawPointer?) -> EncodedOutput {
            Unmanaged<EncodedOutput>.fromOpaque(context!).takeUnretainedValue()
        }
        return srgan_vips_target(
            { _, data, count, context in output(context).write(data, Int(count)) },
            { _, data, count, context in output(context).read(data, Int(count)) },
            { _, offset, whence, context in output(context).seek(offset, whence) },
            Unmanaged.passUnretained(self).toOpaque())
    }

    /// Whether the encoder has written the beginning of a file, so that the metadata are in the output.
    var isComplete: Bool { start == nil }

    private func write(_ data: UnsafeRawPointer?, _ count: Int) -> gint64 {
        guard start != nil, let head else { return gint64(writeOnce(data, count)) }
        start! += UnsafeRawBufferPointer(start: data, count: count)
        if let bytes = head.replacement(for: start!) {
            start = nil
            guard flush(bytes) else { return -1 }
        }
        return gint64(count)
    }

    private func flush(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let count = writeOnce(bytes.baseAddress! + offset, bytes.count - offset)
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }

    private func writeOnce(_ data: UnsafeRawPointer?, _ count: Int) -> Int {
        repeating { Glibc.write(descriptor, data, count) }
    }

    private func read(_ data: UnsafeMutableRawPointer?, _ count: Int) -> gint64 {
        gint64(repeating { Glibc.read(descriptor, data, count) })
    }

    private func seek(_ offset: gint64, _ whence: Int32) -> gint64 {
        gint64(repeating { Int(lseek(descriptor, off_t(offset), whence)) })
    }

    private func repeating(_ call: () -> Int) -> Int {
        while true {
            let result = call()
            if result < 0 && errno == EINTR { continue }
            if result < 0 && error == 0 { error = errno }
            return result
        }
    }
}
