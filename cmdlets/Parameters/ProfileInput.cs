using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The input of Set-RoleCredentials, and what it must not combine.</summary>
internal static class ProfileInput
{
    // Parameters of a role profile. They cannot be combined with keys or a copied profile.
    private static readonly string[] RoleParameters =
    [
        "RoleArn",
        "SourceProfile",
        "CredentialSource",
        "ExternalId",
        "RoleSessionName",
        "SourceIdentity",
        "Tag",
        "TransitiveTagKey",
    ];

    private static readonly string[] SsoParameters = [.. IdentityCenterProfile.Settings.Select(one => one.Parameter)];

    /// <summary>
    /// The parameters, from the command line and the pipeline. An object that holds credentials becomes keys, and an object of
    /// Get-RoleProfile, or a copy of one, gets its own name.
    /// </summary>
    internal static Hashtable Of(SetRoleCredentialsCommand cmdlet)
    {
        var given = cmdlet.Given;
        if (cmdlet.Input is not { } input)
            return given;
        // A switch has no value that says "not given".
        if (SourceCredentials.ValueOf(input, "MfaSession") is null)
            cmdlet.DropInput(given, "MfaSession");
        if (SourceCredentials.IsHeldBy(input))
        {
            cmdlet.KeepOfInput(given, "Region", "StoreAs", "ProfileLocation");
            given["Credential"] = input;
        }
        else if (
            SourceCredentials.ValueOf(input, "MfaSession") is not null
            && !cmdlet.IsOnCommandLine("ProfileName")
            && given["ProfileName"] is { } own
        )
        {
            given["StoreAs"] ??= own;
            given.Remove("ProfileName");
            // It shows only the end of its access key.
            if (cmdlet.IsForVault)
                given.Remove("AccessKey");
            // Such objects name the account and role of IAM Identity Center as Account and Role.
            if (given.ContainsKey("SsoSession"))
            {
                given["AccountId"] ??= SourceCredentials.TextOf(input, "Account");
                given["RoleName"] ??= SourceCredentials.TextOf(input, "Role");
            }
        }
        else if (IsUse(input) && !cmdlet.IsOnCommandLine("ProfileName") && given.ContainsKey("ProfileName"))
        {
            // The profile describes the role.
            cmdlet.DropInput(given, "RoleArn", "SourceProfile", "Region");
        }
        if (!given.ContainsKey("StoreAs") && PSObject.AsPSObject(input).Properties["StoreAs"] is not null)
        {
            throw cmdlet.ThrowTerminating(
                "ParameterConflict",
                "The StoreAs of a pipeline object is empty, so the object would change the default profile.",
                "Fill in the StoreAs. To change the default profile, use StoreAs 'default'.",
                "StoreAs"
            );
        }
        // Without a session, a column of this name belongs to something else, such as the account of RoleArn.
        if (!given.ContainsKey("SsoSession") && !given.ContainsKey("StartUrl"))
            cmdlet.DropInput(given, "AccountId", "RoleName");
        return given;
    }

    // An object of Get-RoleHistory or Get-Role.
    private static bool IsUse(object input) => PSObject.AsPSObject(input).Properties["SourceGiven"] is not null;

    /// <summary>Asserts that the input describes keys, a role, or a copy of another profile.</summary>
    internal static void AssertOneKind(SetRoleCredentialsCommand cmdlet, Hashtable given)
    {
        var kinds = new[] { ["AccessKey", "SecretKey", "SessionToken"], ["Credential"], ["ProfileName"], RoleParameters, SsoParameters }
            .Select(names => names.FirstOrDefault(given.ContainsKey))
            .OfType<string>()
            .ToArray();
        var idle = new[] { "MfaSerial", "MfaSession", "MfaProcess", "DurationInSeconds" }.FirstOrDefault(given.ContainsKey);
        const string ForProcess = "Pass a profile of your AWS files to -ProfileName, and the profile to store to -StoreAs.";
        (string Message, string Action, string Parameter)? conflict =
            kinds is [var one, var other, ..]
                ? (
                    $"-{one} and -{other} cannot be combined.",
                    "A profile has keys, a role, or the credentials of another profile. Store them separately.",
                    $"-{other}"
                )
            : cmdlet.Prune && !IdentityCenterProfile.IsTemplate(given["StoreAs"] as string ?? "")
                ? (
                    "-Prune needs a template in -StoreAs.",
                    "Use it as in: Get-IdentityCenterRole corp | Set-RoleCredentials -StoreAs '{AccountName}-{RoleName}' -Prune.",
                    "-Prune"
                )
            : cmdlet.Vault && cmdlet.VaultName is not null
                ? (
                    "-Vault and -VaultName cannot be combined.",
                    "-Vault is the system's keychain, and -VaultName a vault of SecretManagement. Choose one of them.",
                    "-VaultName"
                )
            : cmdlet.IsForVault && given.ContainsKey("AsProcess")
                ? (
                    "-Vault and -AsProcess cannot be combined.",
                    "Move the keys with -Vault first. -AsProcess then makes another profile of them.",
                    "-AsProcess"
                )
            : cmdlet.IsForVault && given.ContainsKey("ProfileName") && given.ContainsKey("StoreAs")
                ? (
                    "-Vault moves the keys of -ProfileName, so it cannot be combined with -StoreAs.",
                    "Copy the profile first, and then move the keys of the copy.",
                    "-StoreAs"
                )
            : kinds is ["ProfileName"] && idle is not null
                ? (
                    $"-ProfileName and -{idle} cannot be combined.",
                    $"Copy the profile first, and then set -{idle} with -StoreAs.",
                    $"-{idle}"
                )
            : kinds is ["SecretKey" or "SessionToken"]
                ? ("The access key is missing.", "Pass -AccessKey together with the secret key.", "AccessKey")
            : !IsProcess(given) ? null
            : !given.ContainsKey("ProfileName") ? ("-AsProcess needs -ProfileName.", ForProcess, "-AsProcess")
            : given.ContainsKey("ProfileLocation") ? ("-AsProcess and -ProfileLocation cannot be combined.", ForProcess, "-AsProcess")
            : null;
        if (conflict is { } found)
            throw cmdlet.ThrowConflict(found.Message, found.Action, found.Parameter);
    }

    /// <summary>Whether to store a credential_process instead of a copy.</summary>
    internal static bool IsProcess(Hashtable given) => given["AsProcess"] is { } asProcess && LanguagePrimitives.IsTrue(asProcess);
}
