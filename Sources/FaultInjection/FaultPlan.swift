#if DEBUG
    import Foundation
    import SystemPackage

    /// Debug builds only, for the tests of health and watchdog: a part of the service whose name is a file in the folder
    /// `$SRGAN_FREEZE` stands still for as long as the file is there.
    enum ThreadFreeze {
        private static let folder = ProcessInfo.processInfo.environment["SRGAN_FREEZE"].map { FilePath($0) }

        /// Stands still while told to.
        static func wait(_ name: String) {
            guard let file = folder?.appending(name) else { return }
            while access(file.string, F_OK) == 0 { usleep(10_000) }
        }
    }
#endif
