import Imaging
import WorkerProtocol

extension FailureReason {
    /// The reason that the queue stores for an error about an image.
    init(_ code: ImagingError.Code) {
        self =
            switch code {
            case .empty: .empty
            case .notAnImage: .notAnImage
            case .unsupportedFormat: .unsupportedFormat
            case .truncated: .truncated
            case .corrupt: .corrupt
            case .tooLarge: .tooLarge
            case .outputTooLarge: .outputTooLarge
            case .notARegularFile: .notARegularFile
            case .unreadable: .unreadable
            case .vanished: .vanished
            case .configuration: .configuration
            case .inputOutputError: .inputOutputError
            case .diskFull: .diskFull
            case .outOfMemory: .outOfMemory
            }
    }
}
