using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A role of the history as an object.</summary>
internal static class UsedRole
{
    internal static PSObject From(Hashtable used)
    {
        var arn = (string)used["roleArn"]!;
        var view = View.Of("RoleCredentials.UsedRole", ("RoleArn", arn));
        // The profile is there only where there was one, so that the pipeline binds what counts.
        if (View.Text(used["profileName"]) is { } profile) view.Properties.Add(new PSNoteProperty("ProfileName", profile));
        foreach (var (name, value) in new (string, object?)[]
        {
            ("Account", arn.Split(':')[4]),
            ("Role", View.RoleNameOf(arn)),
            ("DisplayName", used["displayName"]),
            ("Color", used["color"]),
            ("Region", used["region"]),
            ("LastUsed", View.Time(used["lastUsed"])),
        })
        {
            view.Properties.Add(new PSNoteProperty(name, value));
        }
        return view;
    }

    /// <summary>As a person tells it from the others.</summary>
    internal static string LabelOf(Hashtable used)
    {
        var arn = (string)used["roleArn"]!;
        var (role, account) = (View.RoleNameOf(arn), arn.Split(':')[4]);
        return View.Text(used["displayName"]) is { } name ? $"{name} ({role}, {account})" : $"{role} ({account})";
    }
}
