using System.Management.Automation;

namespace RoleCredentials;

/// <summary>The object that Get-Role returns for an identity. It holds no secrets.</summary>
internal static class RoleView
{
    internal static PSObject Of(RoleFrame frame, int depth) =>
        View.Of(
            "RoleCredentials.Role",
            ("Depth", depth),
            ("Name", frame.Name),
            ("Account", frame.Account),
            ("Role", frame.RoleName),
            ("RoleArn", frame.RoleArn),
            ("AssumedRole", frame.AssumedRole),
            ("ProfileName", frame.ProfileName),
            ("SourceProfile", frame.SourceProfile),
            ("SourceGiven", frame.Request.SourceGiven is true),
            ("Source", frame.IsBlock ? "a script block of Use-Role" : "Enter-Role"),
            ("Region", frame.Region),
            ("Expiration", frame.Expiration),
            ("MinutesLeft", View.MinutesLeft(frame.Expiration)),
            ("Renews", frame.Renewal is "silent" or "session"),
            ("Served", frame.Endpoint is not null),
            ("Chained", frame.IsChained),
            ("VerifiedArn", null),
            ("Problem", frame.Failure)
        );

    /// <summary>The session's original identity, as the core describes it.</summary>
    internal static PSObject OfOriginal(DescribedIdentity described)
    {
        var arn = View.Text(described.RoleArn);
        var expiration = View.Time(described.Expiration);
        return View.Of(
            "RoleCredentials.Role",
            ("Depth", 0),
            ("Name", View.Text(described.ProfileName) ?? described.Source),
            ("Account", described.Account),
            ("Role", arn is null ? described.RoleName : View.RoleNameOf(arn)),
            ("RoleArn", arn),
            ("AssumedRole", null),
            ("ProfileName", described.ProfileName),
            ("SourceProfile", null),
            ("SourceGiven", false),
            ("Source", described.Source),
            ("Region", described.Region),
            ("Expiration", expiration),
            ("MinutesLeft", View.MinutesLeft(expiration)),
            ("Renews", null),
            ("Served", false),
            ("Chained", false),
            ("VerifiedArn", null),
            ("Problem", described.Problem)
        );
    }

    /// <summary>Adds the identity that STS returned, and selects the view that shows it.</summary>
    internal static void Verify(PSObject view, CallerIdentity identity)
    {
        view.TypeNames.Insert(0, "RoleCredentials.VerifiedRole");
        view.Properties["VerifiedArn"].Value = Terminal.Shown(identity.Arn);
        view.Properties["Account"].Value = Terminal.Shown(identity.Account);
    }
}
