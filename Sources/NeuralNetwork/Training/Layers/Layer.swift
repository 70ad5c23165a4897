/// A step of a network with a forward and a backward pass.
///
/// `forward` keeps the data that `backward` needs. A call of `backward` belongs to the last call of `forward` and
/// releases this data, unless the store's `keepsInputs` is set. As in PyTorch, parameter gradients accumulate.
public protocol Layer: AnyObject {
    /// Computes the output.
    func forward(_ input: Batch) -> Batch

    /// Computes the gradient with respect to the input from the gradient with respect to the output. It also
    /// accumulates the parameters' gradients unless their store is frozen.
    func backward(_ gradient: Batch) -> Batch
}

/// A sequence of layers that run one after another.
public final class Sequential: Layer {
    /// The layers in order.
    public let layers: [any Layer]

    /// Makes a sequence of layers.
    public init(_ layers: [any Layer]) {
        self.layers = layers
    }

    /// Runs the layers in order.
    public func forward(_ input: Batch) -> Batch {
        layers.reduce(input) { $1.forward($0) }
    }

    /// Runs the backward passes in reverse order.
    public func backward(_ gradient: Batch) -> Batch {
        layers.reversed().reduce(gradient) { $1.backward($0) }
    }
}

/// A layer with a skip connection: its input is added to its output.
public final class Residual: Layer {
    private let body: any Layer
    private let context: ComputeContext

    /// Adds a skip connection around `body`.
    public init(_ body: any Layer, context: ComputeContext) {
        self.body = body
        self.context = context
    }

    /// Computes `body(input) + input`.
    public func forward(_ input: Batch) -> Batch {
        body.forward(input).adding(input, context)
    }

    /// Adds the gradients of `body` and of the skip connection.
    public func backward(_ gradient: Batch) -> Batch {
        body.backward(gradient).adding(gradient, context)
    }
}
