import COpenSSL

/// A SHA-256 hash that is computed piece by piece, as lower-case hexadecimal text.
///
/// OpenSSL's libcrypto computes the hash, with the processor's SHA instructions if it has them. Only one thread at a
/// time may use a hash.
public struct SHA256: ~Copyable {
    private let context: OpaquePointer

    /// Initialises OpenSSL once per process.
    ///
    /// OpenSSL's configuration file is not read: a worker's hash must not depend on that file, and the file could make
    /// OpenSSL load any code. OpenSSL's memory is not released when the process exits, because threads that still
    /// compute a hash would crash.
    private static let isReady: Void = {
        let options = UInt64(OPENSSL_INIT_NO_LOAD_CONFIG) | UInt64(OPENSSL_INIT_NO_ATEXIT)
        precondition(OPENSSL_init_crypto(options, nil) == 1, "OpenSSL cannot be initialised")
    }()

    /// Begins a hash.
    public init() {
        Self.isReady
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            fatalError("OpenSSL cannot begin a SHA-256 hash")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(
            EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "OpenSSL cannot add data to a SHA-256 hash")
    }

    /// Returns the hash of all bytes, 64 hexadecimal digits. This must be the last call, and it must not be repeated.
    public mutating func finish() -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        precondition(EVP_DigestFinal_ex(context, &digest, &count) == 1, "OpenSSL cannot end a hash")
        return Hexadecimal.text(digest[..<Int(count)])
    }

    /// The hash of bytes that are all in memory.
    public static func hash(_ bytes: some Collection<UInt8>) -> String {
        var hash = SHA256()
        let isContiguous: Void? = bytes.withContiguousStorageIfAvailable { hash.update(UnsafeRawBufferPointer($0)) }
        if isContiguous == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
        return hash.finish()
    }
}
