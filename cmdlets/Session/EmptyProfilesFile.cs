using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// An empty file, which programs of a served role read instead of the AWS files. On Windows it cannot be the null device: the AWS SDK for .NET
/// takes NUL for a missing file, reads the AWS files, and acts as the default profile.
/// </summary>
internal static class EmptyProfilesFile
{
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static string FindOrCreate(RoleCmdlet cmdlet)
    {
        if (!OperatingSystem.IsWindows())
            return "/dev/null";
        var local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        var path = Path.Combine(local, "RoleCredentials", "no-profiles");
        try
        {
            MakeEmpty(new FileInfo(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            cmdlet.ThrowTerminatingError(
                CoreFailure.Create(
                    "FileUnwritable",
                    $"{path} cannot be made an empty file: {error.Message}",
                    "Remove the file, and try again. Programs of a served role read it instead of the AWS files.",
                    path,
                    ErrorCategory.WriteError
                )
            );
        }
        return path;
    }

    private static void MakeEmpty(FileInfo file)
    {
        if (!file.Exists || file.Length > 0)
        {
            file.Directory!.Create();
            if (file.Exists)
                file.IsReadOnly = false;
            file.Create().Dispose();
        }
        // A program such as aws configure fails, instead of storing a profile for all served roles.
        file.IsReadOnly = true;
    }
}
