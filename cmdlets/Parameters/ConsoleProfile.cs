using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The profile of a sign-in with console credentials, whose default is the profile of the environment.</summary>
internal static class ConsoleProfile
{
    /// <summary>Rejects a pipeline object that names no profile, because it must not fall back to the default.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet was ended with an error.</exception>
    internal static void AssertNamed(RoleCmdlet cmdlet, string? profileName)
    {
        if (!cmdlet.MyInvocation.ExpectingInput || profileName is not null)
            return;
        throw cmdlet.ThrowTerminating(
            "NoProfileNamed",
            "A pipeline object names no profile.",
            "Give it a property ProfileName. Without a pipeline, the cmdlet takes the profile of AWS_PROFILE, or 'default'.",
            "ProfileName"
        );
    }

    /// <summary>The profile in readable form. The core chooses the same one (profileOfEnvironment).</summary>
    internal static string TextOf(string? profileName)
    {
        var environment = RoleStack.EnvironmentOf(isChain: false);
        string? Named(string variable) => environment[variable] is string { Length: > 0 } name ? name : null;
        return (profileName ?? Named("AWS_PROFILE") ?? Named("AWS_DEFAULT_PROFILE")) is { } given
            ? $"profile '{given}'"
            : "the default profile";
    }
}
