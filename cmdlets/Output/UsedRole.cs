using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A history entry as an object.</summary>
internal static class UsedRole
{
    internal static PSObject From(Hashtable used)
    {
        var arn = (string)used["roleArn"]!;
        var view = View.Of(
            "RoleCredentials.UsedRole",
            ("RoleArn", arn),
            ("ProfileName", View.Text(used["profileName"])),
            ("Account", arn.Split(':')[4]),
            ("Role", View.RoleNameOf(arn)),
            ("DisplayName", used["displayName"]),
            ("Color", used["color"]),
            ("Region", used["region"]),
            ("LastUsed", View.Time(used["lastUsed"]))
        );
        // Without a profile, remove the property, so that the pipeline binds the ARN.
        if (view.Properties["ProfileName"].Value is null)
            view.Properties.Remove("ProfileName");
        return view;
    }
}
