/// A step of a network that can be run in both directions.
///
/// `forward` keeps what `backward` needs; each `backward` belongs to the last `forward`, and ends it unless the store's
/// `keepsInputs` says otherwise. Gradients of parameters are added to those that are there, as in PyTorch.
public protocol Layer: AnyObject {
    /// Computes the output.
    func forward(_ input: Batch) -> Batch

    /// Computes the gradient by the input from that by the output, and adds up the parameters' gradients unless their store
    /// is frozen.
    func backward(_ gradient: Batch) -> Batch
}

/// Layers one after the other.
public final class Sequential: Layer {
    /// The layers in their order.
    public let layers: [any Layer]

    /// Joins layers.
    public init(_ layers: [any Layer]) {
        self.layers = layers
    }

    /// Runs the layers in their order.
    public func forward(_ input: Batch) -> Batch {
        layers.reduce(input) { $1.forward($0) }
    }

    /// Runs the layers backwards.
    public func backward(_ gradient: Batch) -> Batch {
        layers.reversed().reduce(gradient) { $1.backward($0) }
    }
}

/// A layer whose input is added to its output.
public final class Residual: Layer {
    private let body: any Layer
    private let context: ComputeContext

    /// Puts a skip around `body`.
    public init(_ body: any Layer, context: ComputeContext) {
        self.body = body
        self.context = context
    }

    /// Computes `body(input) + input`.
    public func forward(_ input: Batch) -> Batch {
        body.forward(input).adding(input, context)
    }

    /// Computes both ways' gradients and adds them.
    public func backward(_ gradient: Batch) -> Batch {
        body.backward(gradient).adding(gradient, context)
    }
}
