import Imaging
import ModelLocation
import SRGAN

/// Why a command ended: the reason that the queue knows, a sentence, and the exit code.
struct Failure: Error {
    /// A raw value of `JobQueue.FailureReason`.
    var reason: String
    var message: String
    var exitCode: Int32

    init(reason: String, message: String, exitCode: Int32) {
        self.reason = reason
        self.message = message
        self.exitCode = exitCode
    }

    /// Whether another image could succeed in the same place.
    var blamesImage: Bool { exitCode == Self.imageAtFault }

    private static let imageAtFault: Int32 = 65

    /// The failure that an error of any room amounts to.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure:
            self = failure
        case let error as ImagingError:
            self.init(reason: error.code.rawValue, message: error.description, exitCode: Self.exitCode(of: error.code))
        case let error as SRGANError where error.code == .notFinite:
            self.init(reason: "numerical_error", message: error.message, exitCode: 1)
        case let error as SRGANError:
            self.init(reason: "model_unusable", message: error.message, exitCode: 78)
        case let error as ModelNotFound:
            self.init(reason: "model_unusable", message: error.description, exitCode: 78)
        default:
            self.init(reason: "io_error", message: "\(error)", exitCode: 75)
        }
    }

    /// Wrong usage that only the files themselves show.
    static func usage(_ message: String) -> Failure {
        Failure(reason: ImagingError.Code.configuration.rawValue, message: message, exitCode: 64)
    }

    private static func exitCode(of code: ImagingError.Code) -> Int32 {
        switch code {
        case .empty, .notAnImage, .unsupportedFormat, .truncated, .corrupt, .tooLarge, .outputTooLarge,
            .notARegularFile, .unreadable, .vanished:
            imageAtFault
        case .configuration: 78
        case .inputOutputError, .diskFull, .outOfMemory: 75
        }
    }
}
