import Imaging
import ModelLocation
import SRGAN
import WorkerProtocol

/// Why a command failed: the reason that the queue stores, a full sentence, and the exit code.
struct Failure: Error {
    var reason: FailureReason
    var message: String
    var exitCode: Int32

    init(reason: FailureReason, message: String, exitCode: Int32) {
        self.reason = reason
        self.message = message
        self.exitCode = exitCode
    }

    /// Whether the image caused the failure, so that the same command could succeed with another image.
    var blamesImage: Bool { exitCode == Self.imageAtFault }

    private static let imageAtFault: Int32 = 65
    /// EX_CANTCREAT: the output file cannot be created, because its folder does not exist for example.
    static let cannotCreate: Int32 = 73

    /// Converts an error of any module to a failure.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure:
            self = failure
        case let error as ImagingError:
            self.init(
                reason: FailureReason(error.code), message: error.description,
                exitCode: Self.exitCode(of: error.code))
        case let error as SRGANError where error.code == .notFinite:
            self.init(reason: .numericalError, message: error.message, exitCode: 1)
        case let error as SRGANError:
            self.init(reason: .modelUnusable, message: error.message, exitCode: 78)
        case let error as ModelNotFound:
            self.init(reason: .modelUnusable, message: error.description, exitCode: 78)
        default:
            self.init(reason: .inputOutputError, message: "\(error)", exitCode: 75)
        }
    }

    /// A usage error that the argument parser cannot detect, such as an existing output file.
    static func usage(_ message: String) -> Failure {
        Failure(reason: .configuration, message: message, exitCode: 64)
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
