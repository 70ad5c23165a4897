import NeuralNetwork

extension StateDict {
    /// True if an entry has this name.
    func has(_ key: String) -> Bool { shape(of: key) != nil }

    /// The number of consecutive entries, from `first` on, whose names `name` makes of their numbers.
    func count(from first: Int = 0, _ name: (Int) -> String) -> Int {
        var count = 0
        while has(name(first + count)) { count += 1 }
        return count
    }
}

extension Activation {
    /// A leaky ReLU with this slope for negative values; the slope 0 is a ReLU.
    static func leaky(_ slope: Float, channels: Int) -> Activation {
        .slopes([Float](repeating: slope, count: channels))
    }
}
