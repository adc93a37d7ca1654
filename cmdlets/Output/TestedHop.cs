using System.Management.Automation;

namespace RoleCredentials;

/// <summary>A tested hop as an object.</summary>
internal static class TestedHop
{
    internal static PSObject From(HopReport report, string target)
    {
        var likeliest = report.Causes.FirstOrDefault();
        return View.Of(
            "RoleCredentials.Hop",
            ("Target", target),
            ("Number", report.Number),
            ("Operation", report.Operation),
            ("Hop", report.Hop),
            ("ProfileName", report.ProfileName),
            ("RoleArn", report.RoleArn),
            ("Source", report.Source),
            ("Identity", report.Identity?.Arn),
            ("Account", report.Identity?.Account),
            ("Endpoint", report.Endpoint),
            ("Region", report.Region),
            ("Expiration", View.Time(report.Expiration)),
            ("Cached", report.Cached),
            ("Succeeded", report.Succeeded),
            ("Cause", likeliest is null ? null : InWords(likeliest)),
            ("Action", likeliest?.Action),
            ("Causes", report.Causes.Select(CauseOf).ToArray<object>()),
            ("Advice", report.Advice ?? []),
            ("TrustPolicy", Terminal.ShownLines(report.TrustPolicy)),
            ("IdentityPolicy", Terminal.ShownLines(report.IdentityPolicy)),
            ("ErrorId", report.Error?.Id),
            ("ErrorMessage", report.Error?.Message),
            ("ClockSkewSeconds", report.ClockSkewSeconds)
        );
    }

    private static PSObject CauseOf(LikelyCause cause) =>
        View.Of(
            "RoleCredentials.Cause",
            ("Id", cause.Id),
            ("Likelihood", cause.Likelihood),
            ("Explanation", cause.Explanation),
            ("Action", cause.Action)
        );

    // Names the likelihood of a cause that is not certain.
    private static string InWords(LikelyCause cause) =>
        cause.Likelihood is "Certain" ? cause.Explanation : $"{cause.Likelihood}: {cause.Explanation}";
}
