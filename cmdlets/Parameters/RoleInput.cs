using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>
/// Determines the roles and the source credentials from the command line and one pipeline object. PowerShell binds the object's properties;
/// this class resolves their combination.
/// </summary>
internal sealed class RoleInput
{
    // Properties that only objects of Get-RoleProfile, Get-RoleHistory, Get-Role and Test-Role have. Those objects name the profile of their role.
    private static readonly string[] ProfileColumns = ["MfaSession", "LastUsed", "Depth", "Hop"];

    // Parameters other than SourceProfile that name a source.
    private static readonly string[] Sources =
    [
        "ProfileName",
        "Credential",
        "AccessKey",
        "Chain",
        "SamlAssertion",
        "WebIdentityToken",
        "WebIdentityProvider",
        "SsoSession",
        "StartUrl",
    ];

    // Sources whose value is an object, a token or a service. If such a property is empty, that is a mistake, not an empty column.
    private static readonly string[] ObjectSources = [.. FederationInput.Sources, "Credential", "Credentials"];

    private readonly InputCmdlet cmdlet;
    private readonly object? input;
    private readonly Hashtable given;
    private bool isText;

    private RoleInput(InputCmdlet cmdlet)
    {
        this.cmdlet = cmdlet;
        input = cmdlet.Input;
        given = cmdlet.Given;
        isText = cmdlet.IsPositional(cmdlet.PositionalName);
    }

    /// <summary>The pipeline object.</summary>
    internal object? Object => input;

    /// <summary>The request parameters, without the ones that name the role.</summary>
    internal UseRoleParams Request { get; private set; } = new();

    /// <summary>
    /// The named roles. A single empty one if no role is named.
    /// </summary>
    internal IReadOnlyList<NamedRole> Roles { get; private set; } = [];

    /// <summary>Whether the pipeline object holds the credentials to use.</summary>
    internal bool IsCredentials { get; private set; }

    /// <summary>Whether the input names a role, a profile or credentials.</summary>
    internal bool NamesSomebody => Roles.Any(role => !role.IsEmpty) || Request.Credentials is not null || Request.SourceProfile is not null;

    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal static RoleInput Read(InputCmdlet cmdlet)
    {
        var read = new RoleInput(cmdlet);
        read.Interpret();
        return read;
    }

    /// <summary>Rejects a pipeline object that names no identity, because it must not fall back to the default credentials.</summary>
    /// <exception cref="PipelineStoppedException">The cmdlet ended with an error.</exception>
    internal void AssertNamesSomebody()
    {
        if (!cmdlet.MyInvocation.ExpectingInput || NamesSomebody)
            return;
        throw cmdlet.ThrowTerminating(
            "NoRoleNamed",
            "A pipeline object names no role.",
            GivenValue.Plain(input) is IDictionary
                ? "Convert a hashtable to an object: [pscustomobject]@{ RoleArn = ... }."
                : "Add a property RoleArn or ProfileName, or AccountId with RoleName.",
            $"{input}"
        );
    }

    /// <summary>Adds the properties of credentials from the pipeline to the core's result. The core knows only their keys.</summary>
    internal UseRoleResult Describe(UseRoleResult result)
    {
        if (!IsCredentials)
            return result;
        string? Text(string property) => SourceCredentials.TextOf(input, property);
        return result with
        {
            RoleArn = result.RoleArn ?? Text("RoleArn"),
            ProfileName = result.ProfileName ?? Text("ProfileName"),
            AccountId = result.AccountId ?? Text("AccountId"),
            SourceIdentity = result.SourceIdentity ?? Text("SourceIdentity"),
            Region = result.Region ?? Text("Region"),
            PackedPolicySize = result.PackedPolicySize ?? SourceCredentials.ValueOf(input, "PackedPolicySize") as int?,
            AssumedRoleUser = result.AssumedRoleUser ?? UserOf(SourceCredentials.ValueOf(input, "AssumedRoleUser")),
        };
    }

    // A copy may lack the id.
    private static AssumedRoleUser? UserOf(object? user) =>
        (SourceCredentials.TextOf(user, "Arn") ?? user as string) is { Length: > 0 } arn
            ? new AssumedRoleUser { Arn = arn, AssumedRoleId = SourceCredentials.TextOf(user, "AssumedRoleId")! }
            : null;

    private void Interpret()
    {
        if (input is not null)
            InterpretInput();
        if (given.ContainsKey("RoleArn") && !cmdlet.IsOnCommandLine("AccountId"))
            DropAccountOfRole();
        Roles = FederationInput.Add(cmdlet, given, NamedRoleReader.Read(cmdlet, given, isText));
        Request = RoleRequest.From(cmdlet, given);
    }

    private void InterpretInput()
    {
        var plain = GivenValue.Plain(input);
        if (FederationInput.ParameterOf(cmdlet, input) is { } federated)
        {
            InterpretFederated(federated);
            return;
        }
        if (plain is string or int or long or double or decimal)
        {
            // PowerShell binds a string to every parameter that takes pipeline input. It means the role or profile, or with -RoleName the
            // account.
            var isAccount = cmdlet.IsOnCommandLine("RoleName");
            cmdlet.DropInput(given, isAccount ? ["RoleArn", "ProfileName"] : ["AccountId"]);
            isText = isText || !isAccount;
            if (!cmdlet.IsOnCommandLine(isAccount ? "AccountId" : cmdlet.PositionalName))
                return;
            throw cmdlet.ThrowConflict(
                $"The pipeline passes '{plain}', but the command line already names the role.",
                "Name the role either in the pipeline or on the command line.",
                $"{plain}"
            );
        }
        if (SourceCredentials.IsHeldBy(input))
        {
            InterpretCredentials();
            return;
        }
        // PowerShell binds the string form of an object that lacks the property. Drop it. PowerShell binds no member of a hashtable.
        bool IsBound(params string[] names) => plain is not IDictionary && SourceCredentials.ValueOf(input, names) is not null;
        if (!IsBound("RoleArn"))
            cmdlet.DropInput(given, "RoleArn");
        if (!IsBound("ProfileName", "Profile", "AWSProfileName", "StoredCredentials"))
            cmdlet.DropInput(given, "ProfileName");
        if (!IsBound("AccountId", "Id"))
            cmdlet.DropInput(given, "AccountId");
        if (!IsBound("RoleArn") && !given.ContainsKey("RoleArn") && !given.ContainsKey("AccountId") && !cmdlet.IsOnCommandLine("RoleName"))
            TakeArnOfRole();
        // The role of an object that Get-IdentityCenterRole returned is not an IAM role of the same name.
        if (SourceCredentials.ValueOf(input, "SsoSession", "StartUrl", "SsoStartUrl") is null)
            cmdlet.DropInput(given, "SsoSession", "StartUrl");
        RefuseEmptySource();
        if (!ProfileColumns.Any(column => PSObject.AsPSObject(input).Properties[column] is not null))
            return;
        RefuseGivenSource();
        string[] source = IsUse() && !IsSourceOnCommandLine() ? ["SourceProfile"] : [];
        if (given.ContainsKey("ProfileName"))
            cmdlet.KeepOfInput(given, ["ProfileName", .. source]);
        else
            cmdlet.KeepOfInput(given, ["RoleArn", "Region", .. source]);
    }

    // The roles that Get-IAMRoleList of AWS Tools returns have Arn and RoleName.
    private void TakeArnOfRole()
    {
        if (SourceCredentials.TextOf(input, "Arn") is not { } arn || !arn.Contains(":role/", StringComparison.Ordinal))
            return;
        given["RoleArn"] = arn;
        cmdlet.DropInput(given, "RoleName");
    }

    // Whether the object describes a use, with the source that the user named. In a profile, SourceProfile is a setting.
    private bool IsUse() => PSObject.AsPSObject(input).Properties["MfaSession"] is null;

    private bool IsSourceOnCommandLine() => Sources.Any(cmdlet.IsOnCommandLine);

    // If an empty source counted as not given, the default credentials would assume the role.
    private void RefuseEmptySource()
    {
        var properties = PSObject.AsPSObject(input).Properties;
        if (
            ObjectSources.FirstOrDefault(name => properties[name] is not null) is not { } column
            || given.ContainsKey("SourceProfile")
            || Sources.Any(given.ContainsKey)
        )
            return;
        throw cmdlet.ThrowConflict(
            $"The {column} of a pipeline object is empty, so nothing assumes its role.",
            $"Fill in the {column}, or name another source, such as SourceProfile.",
            column
        );
    }

    // Assuming the role again needs its source, and the default credentials are a different one.
    private void RefuseGivenSource()
    {
        if (
            !cmdlet.UsesSource
            || IsSourceOnCommandLine()
            || cmdlet.IsOnCommandLine("SourceProfile")
            || !bool.TryParse(SourceCredentials.TextOf(input, "SourceGiven"), out var isGiven)
            || !isGiven
        )
            return;
        throw cmdlet.ThrowTerminating(
            "ParameterConflict",
            "The role of a pipeline object was assumed with credentials that are not stored.",
            "Pass a source, such as -SourceProfile or -Credential, or the role's ARN.",
            SourceCredentials.TextOf(input, "RoleArn")
        );
    }

    // The object is an assertion or a token, so it names no role itself.
    private void InterpretFederated(string parameter)
    {
        if (cmdlet.IsOnCommandLine(parameter))
        {
            throw cmdlet.ThrowConflict(
                $"The pipeline and -{parameter} both bring an assertion or a token.",
                "Pass only one of them.",
                parameter
            );
        }
        cmdlet.KeepOfInput(given);
        given[parameter] = input;
    }

    // They stand for themselves; or, where the command line names a role, they assume it.
    private void InterpretCredentials()
    {
        if (cmdlet.IsOnCommandLine("Credential") || cmdlet.IsOnCommandLine("AccessKey") || cmdlet.IsOnCommandLine("SourceProfile"))
        {
            throw cmdlet.ThrowConflict(
                "The pipeline brings credentials, and the command line names others.",
                "Pass only one source of credentials.",
                "Credential"
            );
        }
        var account = cmdlet.IsOnCommandLine("RoleName") ? given["AccountId"] ?? SourceCredentials.TextOf(input, "AccountId") : null;
        var region = given["Region"] ?? SourceCredentials.TextOf(input, "Region");
        cmdlet.KeepOfInput(given);
        if (account is not null)
            given["AccountId"] = account;
        if (region is not null)
            given["Region"] = region;
        given["Credential"] = input;
        IsCredentials = !given.ContainsKey("RoleArn") && !given.ContainsKey("ProfileName") && !given.ContainsKey("RoleName");
    }

    // Drops an account and a role name that only repeat the ARN.
    private void DropAccountOfRole()
    {
        var accounts = LanguagePrimitives.ConvertTo<string[]>(given["AccountId"]);
        var arns = LanguagePrimitives.ConvertTo<string[]>(given["RoleArn"]);
        if (arns is [var arn] && accounts is [var account] && arn.Split(':') is { Length: > 5 } parts && parts[4] == account)
            cmdlet.DropInput(given, "AccountId", "RoleName");
    }
}
