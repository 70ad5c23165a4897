import Foundation
import SystemPackage

/// An event file for TensorBoard. Each of its records holds an `Event` of TensorFlow's `event.proto` in protobuf's wire
/// format.
///
/// Every start of a run, also a resumed one, creates a new file. The first events of a file state the first step that
/// the file records. They make TensorBoard discard the points that earlier files have for this step and later steps.
final class EventFile {
    private let path: FilePath

    /// Creates a file with the first unused number in the folder.
    ///
    /// - Parameter step: The first step that will be recorded.
    init(in folder: FilePath, firstStep step: Int) throws(TrainingError) {
        // TensorBoard reads the files in the order of their names. TensorFlow puts the time into the name, but two
        // starts may have the same time, so the names of these files contain a number instead.
        var number = 1
        func path(_ number: Int) -> FilePath {
            folder.appending("events.out.tfevents.\(String(format: "%010d", number)).srgan")
        }
        while FileManager.default.fileExists(atPath: path(number).string) { number += 1 }
        self.path = path(number)
        var version = ProtobufMessage()
        version.append(Field.fileVersion, "brain.Event:2")
        try write(version, step: 0)
        var session = ProtobufMessage()
        session.append(Field.sessionStatus, integer: 1)
        var start = ProtobufMessage()
        start.append(Field.sessionLog, session)
        try write(start, step: step)
    }

    /// Records scalars by their tags.
    func append(step: Int, scalars: [String: Double]) throws(TrainingError) {
        var summary = ProtobufMessage()
        for (tag, number) in scalars.sorted(by: { $0.key < $1.key }) {
            var value = ProtobufMessage()
            value.append(Field.valueTag, tag)
            value.append(Field.valueNumber, float: Float(number))
            summary.append(Field.summaryValue, value)
        }
        var event = ProtobufMessage()
        event.append(Field.summary, summary)
        try write(event, step: step)
    }

    /// Records an image, encoded as a PNG file.
    func append(step: Int, tag: String, png: [UInt8], width: Int, height: Int) throws(TrainingError) {
        var image = ProtobufMessage()
        image.append(Field.imageHeight, integer: height)
        image.append(Field.imageWidth, integer: width)
        image.append(Field.imageChannels, integer: 3)
        image.append(Field.imageBytes, png)
        var value = ProtobufMessage()
        value.append(Field.valueTag, tag)
        value.append(Field.valueImage, image)
        var summary = ProtobufMessage()
        summary.append(Field.summaryValue, value)
        var event = ProtobufMessage()
        event.append(Field.summary, summary)
        try write(event, step: step)
    }

    private func write(_ content: ProtobufMessage, step: Int) throws(TrainingError) {
        var event = ProtobufMessage()
        event.append(Field.wallTime, double: Date().timeIntervalSince1970)
        event.append(Field.step, integer: step)
        do {
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .append], permissions: [.ownerReadWrite, .groupRead, .otherRead])
            _ = try file.closeAfter { try file.writeAll(RecordFile.record(event.bytes + content.bytes)) }
        } catch {
            throw TrainingError(.outputFailed, "\(path) cannot be written: \(error)", cause: error)
        }
    }

    /// The field numbers of TensorFlow's `event.proto` and `summary.proto`.
    private enum Field {
        static let wallTime = 1
        static let step = 2
        static let fileVersion = 3
        static let summary = 5
        static let sessionLog = 7
        static let sessionStatus = 1
        static let summaryValue = 1
        static let valueTag = 1
        static let valueNumber = 2
        static let valueImage = 4
        static let imageHeight = 1
        static let imageWidth = 2
        static let imageChannels = 3
        static let imageBytes = 4
    }
}
