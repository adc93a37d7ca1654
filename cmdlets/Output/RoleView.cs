using System.Collections;
using System.Globalization;
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
    internal static PSObject OfOriginal(Hashtable described)
    {
        var arn = View.Text(described["roleArn"]);
        DateTime? expiration = DateTime.TryParse(
            described["expiration"] as string,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
            out var end
        )
            ? end
            : null;
        return View.Of(
            "RoleCredentials.Role",
            ("Depth", 0),
            ("Name", View.Text(described["profileName"]) ?? described["source"]),
            ("Account", described["account"]),
            ("Role", arn is null ? described["roleName"] : View.RoleNameOf(arn)),
            ("RoleArn", arn),
            ("AssumedRole", null),
            ("ProfileName", described["profileName"]),
            ("Source", described["source"]),
            ("Region", described["region"]),
            ("Expiration", expiration),
            ("MinutesLeft", View.MinutesLeft(expiration)),
            ("Renews", null),
            ("Served", false),
            ("Chained", false),
            ("VerifiedArn", null),
            ("Problem", described["problem"])
        );
    }

    /// <summary>Adds the identity that STS returned, and selects the view that shows it.</summary>
    internal static void Verify(PSObject view, Hashtable identity)
    {
        view.TypeNames.Insert(0, "RoleCredentials.VerifiedRole");
        view.Properties["VerifiedArn"].Value = Terminal.Shown(identity["arn"]);
        view.Properties["Account"].Value = Terminal.Shown(identity["account"]);
    }
}
