/// Finds the known word that was probably meant.
public enum NearestWord {
    /// The known word that is nearest to a text; nil if none is near.
    ///
    /// At most one third of the letters may be wrong, but one wrong letter is always accepted. If no word is that near,
    /// the shortest word that begins with the text is taken, else the shortest one that contains it.
    public static func find(_ text: String, among words: some Sequence<String>) -> String? {
        let wanted = text.lowercased()
        guard !wanted.isEmpty else { return nil }
        let known = words.map { (word: $0, lower: $0.lowercased()) }
        let near = known.map { (word: $0.word, distance: distance(wanted, $0.lower)) }.min { $0.distance < $1.distance }
        if let near, near.distance <= max(1, wanted.count / 3) { return near.word }
        let shortest = known.sorted { $0.word.count < $1.word.count }
        return (shortest.first { $0.lower.hasPrefix(wanted) } ?? shortest.first { $0.lower.contains(wanted) })?.word
    }

    /// The number of letters to insert, remove, replace or swap with their neighbour to turn one text into the other.
    static func distance(_ first: String, _ second: String) -> Int {
        let (first, second) = (Array(first), Array(second))
        var beforeLast: [Int] = []
        var last = Array(0...second.count)
        for row in 1..<(first.count + 1) {
            var current = [row]
            for column in 1..<(second.count + 1) {
                let isEqual = first[row - 1] == second[column - 1]
                var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isEqual ? 0 : 1))
                if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[second.count]
    }
}
