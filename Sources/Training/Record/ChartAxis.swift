import Foundation

/// One axis of a chart: which numbers it shows, and where.
struct ChartAxis: Sendable {
    /// The numbers at its ends.
    let range: ClosedRange<Double>
    /// Whether equal factors are equally far apart.
    let isLogarithmic: Bool
    /// The numbers that are marked, in ascending order.
    let ticks: [Double]

    /// How many ticks an axis has, about.
    private static let tickCount = 5.0

    /// An axis that begins and ends with exactly these numbers.
    init(from start: Double, to end: Double) {
        range = start...max(end, start + 1)
        isLogarithmic = false
        ticks = Self.linearTicks(range)
    }

    /// An axis that shows all numbers, with some air.
    ///
    /// - Parameter isLogarithmic: Only where all numbers are positive.
    init(showing numbers: [Double], isLogarithmic wanted: Bool) {
        let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 1)
        isLogarithmic = wanted && least > 0
        if isLogarithmic {
            let air = max(pow(most / least, 0.06), 1.02)
            range = least / air...most * air
            ticks = Self.logarithmicTicks(range)
        } else {
            let air = max((most - least) * 0.06, abs(most) * 1e-3, 1e-12)
            range = least - air...most + air
            ticks = Self.linearTicks(range)
        }
    }

    /// Where a number lies: 0 at the beginning, 1 at the end.
    func position(of number: Double) -> Double {
        isLogarithmic
            ? log(number / range.lowerBound) / log(range.upperBound / range.lowerBound)
            : (number - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    private static func linearTicks(_ range: ClosedRange<Double>) -> [Double] {
        let rough = (range.upperBound - range.lowerBound) / tickCount
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
        let (first, last) = (ceil(range.lowerBound / step - 1e-9), floor(range.upperBound / step + 1e-9))
        // Minus zero would be shown with its sign.
        return stride(from: first, through: last, by: 1).map { $0 * step + 0 }
    }

    /// Powers of ten, with 2 and 5 between them where there is room; linear ones where the range is short.
    private static func logarithmicTicks(_ range: ClosedRange<Double>) -> [Double] {
        guard range.upperBound / range.lowerBound > 8 else { return linearTicks(range) }
        let decades = Int(floor(log10(range.lowerBound)))...Int(ceil(log10(range.upperBound)))
        let digits: [Double] = range.upperBound / range.lowerBound < 2000 ? [1, 2, 5] : [1]
        return decades.flatMap { decade in digits.map { $0 * pow(10, Double(decade)) } }.filter(range.contains)
    }
}
