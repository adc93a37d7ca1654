using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A role or profile in the list that the user chooses from, and the request parameters that name it.</summary>
internal sealed record RoleChoice(string Name, string Account, string Role, Hashtable Request)
{
    /// <summary>Name, account and role in one line.</summary>
    internal string Label { get; } = Terminal.Escape(string.Join("  ", new[] { Name, Account, Role }.Where(part => part != "")));

    internal bool Matches(string typed) =>
        typed.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word => Label.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>A role from the history, labeled with its display name or profile.</summary>
    internal static RoleChoice OfHistory(Hashtable used)
    {
        var arn = (string)used["roleArn"]!;
        var profile = View.Text(used["profileName"]);
        var request = profile is null ? new Hashtable { ["roleArn"] = arn } : new Hashtable { ["profileName"] = profile };
        return new RoleChoice(View.Text(used["displayName"]) ?? profile ?? "", arn.Split(':')[4], View.RoleNameOf(arn), request);
    }

    internal static RoleChoice OfProfile(Hashtable summary)
    {
        var profile = StoredProfile.From(summary);
        string Value(string name) => profile.Properties[name].Value is { } value ? RoleRequest.TextOf(value) : "";
        var role = Value("Role");
        return new RoleChoice(
            (string)summary["name"]!,
            Value("Account"),
            role == "" ? Value("Source") : role,
            new Hashtable { ["profileName"] = summary["name"] }
        );
    }
}
