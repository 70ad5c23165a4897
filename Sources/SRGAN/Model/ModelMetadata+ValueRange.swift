extension ModelMetadata {
    /// The value range of a network's input or output.
    public enum ValueRange: String, Sendable, CaseIterable {
        /// -1 is black, 1 is white (the PyTorch reference implementation).
        case signed = "-1,1"
        /// 0 is black, 1 is white.
        case unit = "0,1"
        /// Values in [0, 1], normalised with the mean and standard deviation of each channel over ImageNet.
        case imageNet = "imagenet"

        /// The mean of red, green and blue over ImageNet.
        public static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
        /// The standard deviation of red, green and blue over ImageNet.
        public static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]

        /// The scale and shift that convert [0, 1] to this range, for red, green and blue.
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

        /// The scale and shift that convert this range to [0, 1], for red, green and blue.
        public var toUnit: (scale: [Float], shift: [Float]) {
            switch self {
            case .signed: ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])
            case .unit: ([1, 1, 1], [0, 0, 0])
            case .imageNet: (Self.imageNetDeviation, Self.imageNetMean)
            }
        }
    }
}
