using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A tested hop as an object.</summary>
internal static class TestedHop
{
    internal static PSObject From(Hashtable report, string target)
    {
        var identity = report["identity"] as Hashtable;
        var failure = report["error"] as Hashtable;
        var causes = (report["causes"] as object[] ?? []).Cast<Hashtable>().ToArray();
        var likeliest = causes.FirstOrDefault();
        return View.Of(
            "RoleCredentials.Hop",
            ("Target", target),
            ("Number", View.Number(report["number"])),
            ("Operation", report["operation"]),
            ("Hop", report["hop"]),
            ("ProfileName", report["profileName"]),
            ("RoleArn", report["roleArn"]),
            ("Source", report["source"]),
            ("Identity", identity?["arn"]),
            ("Account", identity?["account"]),
            ("Endpoint", report["endpoint"]),
            ("Region", report["region"]),
            ("Expiration", View.Time(report["expiration"])),
            ("Cached", report["cached"] is true),
            ("Succeeded", report["succeeded"] is true),
            ("Cause", likeliest is null ? null : InWords(likeliest)),
            ("Action", likeliest?["action"]),
            ("Causes", causes.Select(CauseOf).ToArray<object>()),
            ("Advice", (report["advice"] as object[] ?? []).Cast<string>().ToArray()),
            ("TrustPolicy", Terminal.ShownLines(report["trustPolicy"])),
            ("IdentityPolicy", Terminal.ShownLines(report["identityPolicy"])),
            ("ErrorId", failure?["id"]),
            ("ErrorMessage", failure?["message"]),
            ("ClockSkewSeconds", View.Number(report["clockSkewSeconds"]))
        );
    }

    private static PSObject CauseOf(Hashtable cause) =>
        View.Of(
            "RoleCredentials.Cause",
            ("Id", cause["id"]),
            ("Likelihood", cause["likelihood"]),
            ("Explanation", cause["explanation"]),
            ("Action", cause["action"])
        );

    // Names the likelihood of a cause that is not certain.
    private static string InWords(Hashtable cause) =>
        cause["likelihood"] is "Certain" ? (string)cause["explanation"]! : $"{cause["likelihood"]}: {cause["explanation"]}";
}
