import Glibc
import JobQueue
import LinuxSupport
import SystemPackage

/// Checks that this user may use the state folder, and says who may.
enum StateAccess {
    /// Throws a `JobStoreError` with code `unavailable` if this user may not read the state folder or, with `writing`,
    /// may not write to it. A folder that does not exist is no error here.
    static func check(_ state: FilePath, writing: Bool = false) throws {
        var paths: [(path: FilePath, mode: Int32)] = [(state, R_OK | X_OK | (writing ? W_OK : 0))]
        let database = SQLiteJobStore.path(in: state)
        paths.append((database, R_OK | (writing ? W_OK : 0)))
        for (path, mode) in paths where path.withPlatformString({ access($0, mode) }) != 0 {
            guard errno == EACCES else { continue }
            throw JobStoreError(.unavailable, message(state, path: path, writing: writing))
        }
    }

    /// The file or folder that refuses access: the path itself, or the nearest folder above it that can be examined.
    private static func denied(_ path: FilePath) -> FilePath {
        var path = path
        var status = stat()
        while path.withPlatformString({ stat($0, &status) }) != 0, path.lastComponent != nil {
            path = path.parentFolder
        }
        return path
    }

    private static func message(_ state: FilePath, path: FilePath, writing: Bool) -> String {
        let denied = denied(path)
        let problem = "The state folder \(state.escaped) cannot be \(writing ? "written" : "read"): permission denied."
        var status = stat()
        guard denied.withPlatformString({ stat($0, &status) }) == 0 else { return problem }
        let owner = name(ofUser: status.st_uid)
        let needed: mode_t =
            if denied != path {
                // For a folder above the path, the permission to search it is enough.
                0o010
            } else if status.st_mode & S_IFMT == S_IFDIR {
                writing ? 0o070 : 0o050
            } else {
                writing ? 0o060 : 0o040
            }
        guard status.st_gid != 0, status.st_mode & needed == needed else {
            return "\(problem) Only the user \(owner) has access: sudo -u \(owner) srgan-jobs ..."
        }
        let (group, user) = (name(ofGroup: status.st_gid), name(ofUser: geteuid()))
        return "\(problem) The group \(group) has access: sudo usermod -aG \(group) \(user), then log in again."
    }

    private static func name(ofUser id: uid_t) -> String {
        getpwuid(id).map { String(cString: $0.pointee.pw_name) } ?? "\(id)"
    }

    private static func name(ofGroup id: gid_t) -> String {
        getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)"
    }
}
