/// The function that a convolution of a graph applies to its output.
public enum Activation: Sendable, Equatable {
    /// The output itself.
    case none
    /// Negative values are multiplied by the slope of their channel: ReLU (slope 0), leaky ReLU and PReLU.
    case slopes([Float])
    /// x multiplied by the logistic function of x, like `torch.nn.SiLU`.
    case silu
}
