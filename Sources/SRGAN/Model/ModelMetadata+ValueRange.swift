extension ModelMetadata {
    /// The range of a network's input or output for black to white.
    public enum ValueRange: String, Sendable, CaseIterable {
        /// -1 is black, 1 is white (the write-up).
        case signed = "-1,1"
        /// 0 is black, 1 is white.
        case unit = "0,1"
        /// Each channel of [0, 1] less its mean over ImageNet, divided by its standard deviation there.
        case imageNet = "imagenet"

        /// The mean of red, green and blue over ImageNet's images.
        public static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
        /// Their standard deviation.
        public static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]

        /// The factors and the offsets that take [0, 1] to this range, one for each of red, green and blue.
        public var fromUnit: (scale: [Float], shift: [Float]) {
            switch self {
            case .signed: ([2, 2, 2], [-1, -1, -1])
            case .unit: ([1, 1, 1], [0, 0, 0])
            case .imageNet:
                (
                    Self.imageNetDeviation.map { 1 / $0 },
                    zip(Self.imageNetMean, Self.imageNetDeviation).map { -$0 / $1 }
                )
            }
        }

        /// The factors and the offsets that take this range to [0, 1], one for each of red, green and blue.
        public var toUnit: (scale: [Float], shift: [Float]) {
            switch self {
            case .signed: ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
            case .unit: ([1, 1, 1], [0, 0, 0])
            case .imageNet: (Self.imageNetDeviation, Self.imageNetMean)
            }
        }
    }
}
