using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A cmdlet that signs in or out with console credentials. Its default is the profile of the environment.</summary>
public abstract class ConsoleSignInCmdlet : RoleCmdlet
{
    /// <summary>The file that holds the profile, instead of ~/.aws/config.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ProfilesLocation", "AWSProfilesLocation")]
    [Optional]
    public string? ProfileLocation { get; set; }

    /// <summary>Rejects a pipeline object that names no profile, because it must not fall back to the default.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    private protected void AssertNamed(string? profileName)
    {
        if (!MyInvocation.ExpectingInput || profileName is not null)
            return;
        throw ThrowTerminating(
            "NoProfileNamed",
            "A pipeline object names no profile.",
            "Add a property ProfileName. Without a pipeline, the cmdlet takes the profile of AWS_PROFILE, or 'default'.",
            "ProfileName"
        );
    }

    // For -WhatIf and -Confirm, before any request. The core chooses the same profile (profileOfEnvironment).
    private protected static string TextOf(string? profileName)
    {
        var environment = RoleStack.EnvironmentOf(isChain: false);
        string? Named(string variable) => View.Text(environment[variable] as string);
        return (profileName ?? Named("AWS_PROFILE") ?? Named("AWS_DEFAULT_PROFILE")) is { } given
            ? $"profile '{given}'"
            : "the default profile";
    }
}
