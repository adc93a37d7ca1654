using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A history entry as an object.</summary>
internal static class UsedRoleView
{
    internal static PSObject Of(UsedRole used)
    {
        var view = View.Of(
            "RoleCredentials.UsedRole",
            ("RoleArn", used.RoleArn),
            ("ProfileName", View.Text(used.ProfileName)),
            ("SourceProfile", View.Text(used.SourceProfile)),
            ("SourceGiven", used.SourceGiven is true),
            ("Account", used.RoleArn.Split(':')[4]),
            ("Role", View.RoleNameOf(used.RoleArn)),
            ("DisplayName", used.DisplayName),
            ("Color", used.Color),
            ("Region", used.Region),
            ("LastUsed", View.Time(used.LastUsed))
        );
        // Without a profile, remove the property, so that the pipeline binds the ARN.
        if (view.Properties["ProfileName"].Value is null)
            view.Properties.Remove("ProfileName");
        return view;
    }
}
