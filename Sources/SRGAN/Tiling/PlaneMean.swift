/// Joins the three output planes of a network whose three input planes were equal, those of a grey or alpha channel. They
/// differ only by the network's noise, which their mean reduces.
enum PlaneMean {
    /// Writes the mean of three planes of `count` values to the first of them.
    static func join(_ planes: UnsafeMutablePointer<Float>, count: Int) {
        let (green, blue) = (planes + count, planes + 2 * count)
        var index = 0
        while index < count {
            planes[index] = (planes[index] + green[index] + blue[index]) * (1 / 3)
            index &+= 1
        }
    }
}
