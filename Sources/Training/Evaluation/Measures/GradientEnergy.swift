/// The gradient energy: the sum of squared differences between neighbouring pixels, a measure of sharpness.
///
/// Tenenbaum's focus measure (Krotkov 1988) with the simplest gradient. Noise counts as sharpness, so the measure is
/// read together with NIQE.
public enum GradientEnergy {
    /// The energy of a plane, over horizontal and vertical neighbours.
    public static func sum(_ plane: Plane) -> Double {
        var sum = 0.0
        plane.values.withUnsafeBufferPointer { values in
            for row in 0..<plane.height {
                for column in 0..<plane.width {
                    let index = row * plane.width + column
                    if column > 0 { sum += (values[index] - values[index - 1]) * (values[index] - values[index - 1]) }
                    if row > 0 {
                        let difference = values[index] - values[index - plane.width]
                        sum += difference * difference
                    }
                }
            }
        }
        return sum
    }

    /// The energy of a plane divided by that of the original; nil if the original has one value only.
    public static func ratio(_ plane: Plane, to original: Plane) -> Double? {
        let whole = sum(original)
        return whole > 0 ? sum(plane) / whole : nil
    }
}
