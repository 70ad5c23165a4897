/// Interprets a pickle's opcodes as data. It never calls anything that the file names.
///
/// A pickle is a program for a stack machine that can call any Python function. This interpreter implements the opcodes
/// that build plain values. It has its own rules for the few classes and functions that PyTorch checkpoints use
/// (`PickleGlobal`); any other name is an error. Files are untrusted: time and memory are bounded by the file's length,
/// and every count and index is checked.
struct PickleMachine {
    /// The maximum size of a pickle in bytes; a longer one is an error. For comparison, the pickle of a 16-block
    /// network with its optimiser has about 100 KB.
    static let maximumPickleSize = 8 << 20
    private static let maximumStackDepth = 1 << 20

    private var cursor: ByteCursor
    private(set) var stack: [PickleValue] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    var graph = PickleGraph()
    /// The indices of the storages found so far, by key.
    var storageByKey: [String: Int] = [:]
    /// The number of items copied from one container to another.
    var copied = 0

    private init(cursor: ByteCursor) {
        self.cursor = cursor
    }

    /// Runs the pickle at the cursor and moves the cursor past its end.
    static func run(_ cursor: inout ByteCursor) throws(NeuralNetworkError) -> PickleGraph {
        var machine = PickleMachine(cursor: cursor)
        try machine.run()
        cursor = machine.cursor
        return machine.graph
    }

    var name: String { cursor.name }

    func malformed(_ what: String) -> NeuralNetworkError {
        NeuralNetworkError(.malformed, "\(name) holds a damaged pickle: \(what).")
    }

    /// Shortens a string from a file for use in a message and replaces its control characters.
    static func shown(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(100).map {
            $0.properties.generalCategory == .control || $0.properties.generalCategory == .format ? "\u{FFFD}" : $0
        }
        return String(String.UnicodeScalarView(scalars)) + (text.unicodeScalars.count > 100 ? "…" : "")
    }

    private mutating func run() throws(NeuralNetworkError) {
        let start = cursor.position
        while true {
            let opcode = try cursor.byte()
            if opcode == UInt8(ascii: ".") { break }
            guard cursor.position - start <= Self.maximumPickleSize else { throw malformed("it is too long") }
            guard stack.count < Self.maximumStackDepth, memo.count < Self.maximumStackDepth,
                marks.count < Self.maximumStackDepth
            else { throw malformed("it is nested too deeply") }
            if try runValue(opcode) { continue }
            if try runContainer(opcode) { continue }
            try runReference(opcode)
        }
        graph.root = try pop()
    }

    /// Runs an opcode that pushes a number, a string or a constant; returns false for other opcodes.
    private mutating func runValue(_ opcode: UInt8) throws(NeuralNetworkError) -> Bool {
        switch opcode {
        case 0x80: _ = try cursor.take(1)  // PROTO
        case 0x95: _ = try cursor.take(8)  // FRAME
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88: stack.append(.bool(true))
        case 0x89: stack.append(.bool(false))
        case UInt8(ascii: "K"): stack.append(.integer(try cursor.integer(bytes: 1)))
        case UInt8(ascii: "M"): stack.append(.integer(try cursor.integer(bytes: 2)))
        case UInt8(ascii: "J"):
            stack.append(.integer(Int(Int32(truncatingIfNeeded: try cursor.integer(bytes: 4)))))
        case 0x8A: try pushLong(bytes: try cursor.integer(bytes: 1))
        case UInt8(ascii: "G"):
            // This is the only big-endian number in the format.
            stack.append(.number(Double(bitPattern: try cursor.unsigned(bytes: 8).byteSwapped)))
        case UInt8(ascii: "X"): stack.append(.text(try cursor.text(bytes: try cursor.integer(bytes: 4))))
        case 0x8C, UInt8(ascii: "U"): stack.append(.text(try cursor.text(bytes: try cursor.integer(bytes: 1))))
        case UInt8(ascii: "T"): stack.append(.text(try cursor.text(bytes: try cursor.integer(bytes: 4))))
        case UInt8(ascii: "C"): try pushBytes(try cursor.integer(bytes: 1))
        case UInt8(ascii: "B"): try pushBytes(try cursor.integer(bytes: 4))
        default: return false
        }
        return true
    }

    /// Runs an opcode that creates or fills a list, tuple or dictionary; returns false for other opcodes.
    private mutating func runContainer(_ opcode: UInt8) throws(NeuralNetworkError) -> Bool {
        switch opcode {
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "]"): pushSequence([], PickleValue.list)
        case UInt8(ascii: "l"): pushSequence(try popToMark(), PickleValue.list)
        case UInt8(ascii: ")"): pushSequence([], PickleValue.tuple)
        case UInt8(ascii: "t"): pushSequence(try popToMark(), PickleValue.tuple)
        case 0x85...0x87:
            var items: [PickleValue] = []
            for _ in 0x85...opcode { items.append(try pop()) }
            pushSequence(items.reversed(), PickleValue.tuple)
        case UInt8(ascii: "a"): try append([try pop()])
        case UInt8(ascii: "e"): try append(try popToMark())
        case UInt8(ascii: "}"): pushDictionary()
        case UInt8(ascii: "d"):
            let items = try popToMark()
            pushDictionary()
            try setItems(items)
        case UInt8(ascii: "s"):
            let value = try pop()
            try setItems([try pop(), value])
        case UInt8(ascii: "u"): try setItems(try popToMark())
        default: return false
        }
        return true
    }

    /// Runs an opcode that uses the memo, names a global or builds a value.
    private mutating func runReference(_ opcode: UInt8) throws(NeuralNetworkError) {
        switch opcode {
        case UInt8(ascii: "q"): memo[try cursor.integer(bytes: 1)] = try top()
        case UInt8(ascii: "r"): memo[try cursor.integer(bytes: 4)] = try top()
        case 0x94: memo[memo.count] = try top()
        case UInt8(ascii: "h"): try pushMemo(try cursor.integer(bytes: 1))
        case UInt8(ascii: "j"): try pushMemo(try cursor.integer(bytes: 4))
        case UInt8(ascii: "0"): _ = try pop()
        case UInt8(ascii: "1"): _ = try popToMark()
        case UInt8(ascii: "c"):
            let module = try cursor.line()
            stack.append(.global(try global(module: module, name: try cursor.line())))
        case 0x93:
            guard case .text(let symbol) = try pop(), case .text(let module) = try pop() else {
                throw malformed("a name is not a string")
            }
            stack.append(.global(try global(module: module, name: symbol)))
        case UInt8(ascii: "Q"): stack.append(try storage(persistentIdentifier: try pop()))
        case UInt8(ascii: "R"):
            let arguments = try pop()
            stack.append(try rebuild(try pop(), arguments: arguments))
        case UInt8(ascii: "b"):
            // BUILD sets the attributes of an OrderedDict (`_metadata` of a state dict). They are dropped, because they
            // do not change its entries.
            _ = try pop()
            guard case .dictionary = try top() else { throw Self.objects(name) }
        case UInt8(ascii: "i"), UInt8(ascii: "o"), 0x81, 0x82, 0x83, 0x84, 0x92: throw Self.objects(name)
        default: throw malformed("it has the unknown opcode \(opcode)")
        }
    }

    private static func objects(_ name: String) -> NeuralNetworkError {
        NeuralNetworkError(
            .notPlainData,
            "\(name) creates Python objects, so it is not plain data; nothing in it was executed. Save only the state_dict()."
        )
    }

    // MARK: Stack
    //
    // A pickle's opcodes push values and marks. Values below the last mark cannot be popped.

    private func top() throws(NeuralNetworkError) -> PickleValue {
        guard stack.count > marks.last ?? 0, let value = stack.last else { throw malformed("its stack is empty") }
        return value
    }

    private mutating func pop() throws(NeuralNetworkError) -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func popToMark() throws(NeuralNetworkError) -> [PickleValue] {
        guard let mark = marks.popLast() else { throw malformed("a mark is missing") }
        let items = Array(stack[mark...])
        stack.removeLast(items.count)
        return items
    }

    private mutating func pushLong(bytes count: Int) throws(NeuralNetworkError) {
        guard count <= 8 else { return try pushBytes(count) }
        let value = try cursor.unsigned(bytes: count)
        let unused = UInt64(64 - 8 * count)
        stack.append(.integer(count == 0 ? 0 : Int(Int64(bitPattern: value << unused) >> Int64(unused))))
    }

    private mutating func pushBytes(_ count: Int) throws(NeuralNetworkError) {
        _ = try cursor.take(count)
        stack.append(.opaque)
    }

    private mutating func pushMemo(_ index: Int) throws(NeuralNetworkError) {
        guard let value = memo[index] else { throw malformed("it refers to an undefined value") }
        stack.append(value)
    }

    private mutating func pushSequence(_ items: [PickleValue], _ make: (Int) -> PickleValue) {
        graph.sequences.append(items)
        stack.append(make(graph.sequences.count - 1))
    }

    private mutating func pushDictionary() {
        graph.dictionaries.append([])
        stack.append(.dictionary(graph.dictionaries.count - 1))
    }

    private mutating func append(_ items: [PickleValue]) throws(NeuralNetworkError) {
        guard case .list(let index) = try top() else { throw malformed("it appends to a value that is not a list") }
        graph.sequences[index] += items
    }

    private mutating func setItems(_ items: [PickleValue]) throws(NeuralNetworkError) {
        guard items.count % 2 == 0 else { throw malformed("a key has no value") }
        guard case .dictionary(let index) = try top() else {
            throw malformed("it adds an entry to a value that is not a dictionary")
        }
        for pair in stride(from: 0, to: items.count, by: 2) {
            graph.dictionaries[index].append((items[pair], items[pair + 1]))
        }
    }
}
