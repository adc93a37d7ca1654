using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace RoleCredentials;

/// <summary>
/// Creates an empty file with the access list, the encryption and the attributes of another. The core writes its new content there and renames
/// it over the other. Windows' ReplaceFile would keep them too, but for a moment there is no file, and a reader would use other credentials.
/// </summary>
[SupportedOSPlatform("windows")]
internal static class StagedFile
{
    private const FileAttributes Kept =
        FileAttributes.Hidden | FileAttributes.System | FileAttributes.Archive | FileAttributes.NotContentIndexed;

    /// <summary>Returns null, or the code of the error.</summary>
    internal static string? TryCreate(string path, string original)
    {
        try
        {
            Create(new FileInfo(path), new FileInfo(original));
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return "EACCES";
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return $"0x{error.HResult:X8}";
        }
    }

    // The file has its access list from the first instant, and no one else can open it before it is complete.
    private static void Create(FileInfo file, FileInfo original)
    {
        var options = original.Attributes.HasFlag(FileAttributes.Encrypted) ? FileOptions.Encrypted : FileOptions.None;
        file.Create(FileMode.CreateNew, FileSystemRights.Write, FileShare.None, bufferSize: 1, options, OwnListOf(original)).Dispose();
        file.Attributes = original.Attributes & Kept;
    }

    // Null for a list that is inherited from the folder: the new file inherits it too.
    private static FileSecurity? OwnListOf(FileInfo file)
    {
        FileSecurity list;
        try
        {
            list = file.GetAccessControl(AccessControlSections.Access);
        }
        catch (Exception error) when (error is NotSupportedException or InvalidOperationException)
        {
            // The file system has no access lists.
            return null;
        }
        var own = list.GetAccessRules(includeExplicit: true, includeInherited: false, typeof(SecurityIdentifier));
        return list.AreAccessRulesProtected || own.Count > 0 ? list : null;
    }
}
