import Foundation

/// One axis of a chart: its range and its ticks. It also computes the positions of numbers on the axis.
struct ChartAxis: Sendable {
    /// The numbers at the two ends of the axis.
    let range: ClosedRange<Double>
    /// Whether the axis is logarithmic.
    let isLogarithmic: Bool
    /// The numbers with a tick, in ascending order.
    let ticks: [Double]

    /// The approximate number of ticks.
    private static let tickCount = 5.0

    /// Makes a linear axis from `start` to `end`, or to `start + 1` if `end` is less than that.
    init(from start: Double, to end: Double) {
        range = start...max(end, start + 1)
        isLogarithmic = false
        ticks = Self.linearTicks(range)
    }

    /// Makes an axis that shows all numbers, with a margin at both ends.
    ///
    /// - Parameter isLogarithmic: Whether the axis should be logarithmic. This is ignored if a number is not positive.
    init(showing numbers: [Double], isLogarithmic wanted: Bool) {
        let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 1)
        isLogarithmic = wanted && least > 0
        if isLogarithmic {
            let margin = max(pow(most / least, 0.06), 1.02)
            range = least / margin...most * margin
            ticks = Self.logarithmicTicks(range)
        } else {
            let margin = max((most - least) * 0.06, abs(most) * 1e-3, 1e-12)
            range = least - margin...most + margin
            ticks = Self.linearTicks(range)
        }
    }

    /// The position of a number on the axis: 0 at the beginning, 1 at the end.
    func position(of number: Double) -> Double {
        isLogarithmic
            ? log(number / range.lowerBound) / log(range.upperBound / range.lowerBound)
            : (number - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// Ticks at the multiples of a step, which is 1, 2 or 5 times a power of ten.
    private static func linearTicks(_ range: ClosedRange<Double>) -> [Double] {
        let rough = (range.upperBound - range.lowerBound) / tickCount
        let power = pow(10, floor(log10(rough)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
        let (first, last) = (ceil(range.lowerBound / step - 1e-9), floor(range.upperBound / step + 1e-9))
        // Adding 0 turns minus zero, which would be printed with its sign, into zero.
        return stride(from: first, through: last, by: 1).map { $0 * step + 0 }
    }

    /// Ticks at the powers of ten. If the upper end of the range is less than 2000 times the lower end, there are also
    /// ticks at 2 and 5 times each power of ten; if it is at most 8 times the lower end, the ticks are linear.
    private static func logarithmicTicks(_ range: ClosedRange<Double>) -> [Double] {
        guard range.upperBound / range.lowerBound > 8 else { return linearTicks(range) }
        let decades = Int(floor(log10(range.lowerBound)))...Int(ceil(log10(range.upperBound)))
        let digits: [Double] = range.upperBound / range.lowerBound < 2000 ? [1, 2, 5] : [1]
        return decades.flatMap { decade in digits.map { $0 * pow(10, Double(decade)) } }.filter(range.contains)
    }
}
