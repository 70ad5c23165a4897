import Foundation
import LinuxSupport
import SystemPackage

@testable import UpscaleDaemon

/// A folder on a different file system than the temporary folders, removed together with the value.
final class OtherFileSystem {
    let path: FilePath

    init() throws {
        path = FilePath("/dev/shm/srgan-test-\(UUID().uuidString)")
        try DurableFile.createFolder(path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path.string)
    }

    static var isThere: Bool {
        func device(_ path: String) -> dev_t? {
            var status = stat()
            return stat(path, &status) == 0 ? status.st_dev : nil
        }
        guard let shared = device("/dev/shm"), access("/dev/shm", W_OK) == 0 else { return false }
        return shared != device(NSTemporaryDirectory())
    }
}
