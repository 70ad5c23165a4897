import JobPresentation

extension JobFields {
    /// The colour in which the state is printed.
    var style: TerminalText.Style {
        switch job.state {
        case .available: .plain
        case .running, .publishing: .cyan
        case .retryable: .yellow
        case .completed: .green
        case .failed: .red
        case .cancelled: .dim
        }
    }
}
