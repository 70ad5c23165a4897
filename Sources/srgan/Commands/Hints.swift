/// The hints that `srgan` prints when it is called with options that only other programs have.
enum Hints {
    /// Hints for commands whose input and output files are arguments and not options.
    static let files = [
        "-i": "INPUT is the first argument, without an option.",
        "--input": "INPUT is the first argument, without an option.",
        "-o": "OUTPUT is the second argument, without an option.",
        "--output": "OUTPUT is the second argument, without an option.",
    ]
    /// Hints for commands that have no option for the scale, because the model decides it.
    static let scale = [
        "-s": "The model decides the scale; 'srgan model list' shows it.",
        "--scale": "The model decides the scale; 'srgan model list' shows it.",
    ]
}
