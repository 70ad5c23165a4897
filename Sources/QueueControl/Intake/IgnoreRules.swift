import Glibc
import ServiceConfiguration
import SystemPackage

/// Decides by name which files and folders of an inbox are never taken: files that are still being written, recycle bins,
/// and files and folders that operating systems and programs create for themselves. Upper and lower case are equal, as
/// on the systems that most of these names come from.
package struct IgnoreRules: Sendable {
    /// Temporary names of unfinished files, and files that programs keep beside images. The names that begin with a dot
    /// cover many more: `.name.XXXXXX` of rsync, `.syncthing.name.tmp` of Syncthing, `.~lock.name#` of LibreOffice,
    /// `.in.name.` of ProFTPD's HiddenStores, `.nfsXXXX` of NFS, `.smbdeleteXXXX` of macOS, `.fuse_hiddenXXXX` of FUSE,
    /// `.DS_Store` and `._name` of macOS, `.dropbox` of Dropbox.
    private static let files = [
        ".*",
        "*.part",  // Firefox, KDE, Nextcloud and ownCloud servers, Transmission
        "*.partial",  // Internet Explorer and the first Edge
        "*.crdownload",  // Chrome, Edge and other Chromium browsers
        "*.download",  // Safari
        "*.opdownload",  // Opera
        "*.filepart",  // WinSCP
        "*.aria2",  // aria2: the list of missing pieces, beside the unfinished file
        "*.!ut", "*.!bt",  // uTorrent, BitTorrent
        "*.!qb",  // qBittorrent
        "*.bc!",  // BitComet
        "*.!sync", "*.bts", "*.rsls", "*.rslsc",  // Resilio Sync (BitTorrent Sync)
        "*.tmp", "*.temp",  // many programs
        "~syncthing~*",  // Syncthing on Windows
        "*.ffs_tmp", "*.ffs_lock",  // FreeFileSync
        "*.gdownload",  // Google Drive
        "*.dtapart",  // DownThemAll
        "~$*",  // Microsoft Office: the owner of an open document
        "*~",  // backups of Unix editors
        "thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini",  // Windows Explorer
        "icon\r",  // Finder of macOS
    ]

    /// Recycle bins, snapshots, previews and system folders. The names that begin with a dot cover `.Trash-1000` of
    /// freedesktop.org, `.recycle` of Samba, `.zfs`, `.@__thumb` of QNAP, `.stfolder` and `.stversions` of Syncthing,
    /// `.sync` of Resilio, `.dropbox.cache` of Dropbox, `.Spotlight-V100`, `.fseventsd` and `.Trashes` of macOS.
    private static let folders = [
        ".*",
        "$recycle.bin", "recycler", "recycled", "system volume information", "found.[0-9][0-9][0-9]",  // Windows
        "lost+found",  // e2fsck
        "#recycle", "#snapshot", "@eadir", "@tmp", "@sharebin", "@sharesnap",  // Synology DSM
        "@recycle", "@recently-snapshot", "@transcode",  // QNAP QTS
        "~snapshot",  // NetApp ONTAP
        "__macosx",  // archives made by macOS
        "network trash folder", "temporary items", "thevolumesettingsfolder",  // Apple file servers, netatalk
    ]

    /// Suffixes of a file that shows, beside `NAME`, that `NAME` is unfinished: aria2 writes into `NAME` itself, and
    /// Firefox reserves `NAME` with an empty file.
    private static let companionSuffixes = [".aria2", ".part"]

    /// Makes fnmatch ignore case; Glibc's Swift module hides the constant.
    private static let ignoringCase: Int32 = 1 << 4

    private let configured: [String]
    private let marker: FilePath.Component?

    /// Creates the built-in rules and the configured ones.
    ///
    /// - configured: globs. A glob without a slash is matched against the name, a glob with a slash against the path
    ///   relative to the inbox.
    /// - marker: the file in the inbox that shows that the inbox is there; it is never taken.
    package init(configured: [String], marker: FilePath.Component? = nil) {
        self.configured = configured
        self.marker = marker
    }

    /// True for a file that is never taken. `relative` is its path below the inbox.
    package func ignoresFile(_ relative: FilePath) -> Bool {
        guard let name = relative.lastComponent else { return true }
        if name == marker, relative.components.count == 1 { return true }
        return Self.files.contains { Self.matches($0, name) } || matchesConfigured(relative, name: name)
    }

    /// True for a folder that is skipped with all its content. `relative` is its path below the inbox.
    package func ignoresFolder(_ relative: FilePath) -> Bool {
        guard let name = relative.lastComponent else { return false }
        return Self.folders.contains { Self.matches($0, name) } || matchesConfigured(relative, name: name)
    }

    /// The names of files whose existence shows that this file is unfinished.
    package static func companions(of name: FilePath.Component) -> [FilePath.Component] {
        let bytes = name.bytes
        return companionSuffixes.filter { bytes.count + $0.utf8.count <= 255 }
            .map { FilePath.Component(bytes: bytes + $0.utf8) }
    }

    private func matchesConfigured(_ relative: FilePath, name: FilePath.Component) -> Bool {
        configured.contains { glob in
            glob.contains("/")
                ? relative.withPlatformString { fnmatch(glob, $0, FNM_PATHNAME) == 0 }
                : name.withPlatformString { fnmatch(glob, $0, 0) == 0 }
        }
    }

    private static func matches(_ glob: String, _ name: FilePath.Component) -> Bool {
        name.withPlatformString { fnmatch(glob, $0, ignoringCase) == 0 }
    }
}
