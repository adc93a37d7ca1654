using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Reflection;

namespace RoleCredentials;

/// <summary>
/// The profile of an object in the pipeline that has a role's ARN too, as those of Get-RoleProfile and Get-RoleHistory. PowerShell binds the
/// ARN, but the profile says more: where the credentials come from, MFA, external id.
/// </summary>
internal static class PipelineProfile
{
    // What a function finds in $_. A parameter that took it would choose the parameter set, before the object's properties can.
    private static readonly MethodInfo CurrentObject =
        typeof(InternalCommand).GetProperty("CurrentPipelineObject", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!.GetMethod!;

    internal static string? Of(PSCmdlet cmdlet)
    {
        if (!cmdlet.MyInvocation.ExpectingInput || cmdlet.ParameterSetName != "RoleArn") return null;
        if (CurrentObject.Invoke(cmdlet, null) is not { } input || RoleRequest.PropertyOf(input, "ProfileName")?.Value is not { } value) return null;
        return RoleRequest.TextOf(value) is { Length: > 0 } name ? name : null;
    }

    /// <summary>Forgets what an object of the pipeline bound: PowerShell leaves it among the bound parameters when the next object does not bind it.</summary>
    internal static void Forget(IDictionary bound, ICollection<string> given)
    {
        foreach (var name in bound.Keys.Cast<string>().ToArray()) if (!given.Contains(name)) bound.Remove(name);
    }
}
