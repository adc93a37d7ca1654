using System.Collections;
using System.Management.Automation;

namespace RoleCredentials;

/// <summary>Renews the credentials of -AutoRefresh when a script reads them, without a cmdlet.</summary>
internal static class SelfRenewal
{
    /// <summary>A function that requests the role again. It returns null if that fails; the old credentials then stay.</summary>
    internal static Func<UseRoleResult?> Of(CorePlace place, UseRoleParams request, IDictionary environment, string folder) =>
        () =>
        {
            var repeated = request with { InvocationId = Guid.NewGuid().ToString() };
            try
            {
                return RoleCore.Receive([RoleCore.Send(place, Methods.UseRole, repeated, environment, folder)], 30_000, null)?.Result;
            }
            catch (RuntimeException)
            {
                // The core cannot start.
                return null;
            }
        };
}
