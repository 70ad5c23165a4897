/// What `srgan` answers to options that other programs have.
enum Hints {
    /// For commands whose files are arguments.
    static let files = [
        "-i": "INPUT is the first argument, without an option.",
        "--input": "INPUT is the first argument, without an option.",
        "-o": "OUTPUT is the second argument, without an option.",
        "--output": "OUTPUT is the second argument, without an option.",
    ]
    /// For commands whose model decides the scale.
    static let scale = [
        "-s": "The model decides the scale; 'srgan model list' shows it.",
        "--scale": "The model decides the scale; 'srgan model list' shows it.",
    ]
}
