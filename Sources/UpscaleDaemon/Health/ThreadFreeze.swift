#if DEBUG
    import Foundation
    import SystemPackage

    /// Debug builds only, for the tests of health and watchdog: blocks a part of the service while a file with the
    /// part's name exists in the folder `$SRGAN_FREEZE`.
    enum ThreadFreeze {
        private static let folder = ProcessInfo.processInfo.environment["SRGAN_FREEZE"].map { FilePath($0) }

        /// Blocks while the part's file exists.
        static func wait(_ name: String) {
            guard let file = folder?.appending(name) else { return }
            while access(file.string, F_OK) == 0 { usleep(10_000) }
        }
    }
#endif
