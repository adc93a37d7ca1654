BeforeAll {
    $module = Join-Path $PSScriptRoot '..' 'module'
    $manifest = Join-Path $module 'RoleCredentials.psd1'
    $newer = Join-Path $TestDrive 'RoleCredentials'
    Copy-Item $module $newer -Recurse
    # A different build has a different id and version. The version follows the hash algorithm (SHA-1) in the metadata.
    $assembly = Join-Path $newer 'core' 'RoleCredentials.dll'
    $version = [System.Reflection.AssemblyName]::GetAssemblyName($assembly).Version
    function Get-Row([int[]] $Number) { '04800000' + -join $Number.ForEach{ [Convert]::ToHexString([BitConverter]::GetBytes([uint16] $_)) } }
    $row = Get-Row $version.Major, $version.Minor, $version.Build, $version.Revision
    $bytes = [Convert]::ToHexString([System.IO.File]::ReadAllBytes($assembly)).Replace($row, (Get-Row 99, 1, 2, 0))
    $id = Import-Module $manifest -PassThru | ForEach-Object { $_.ImplementingAssembly.ManifestModule.ModuleVersionId }
    $bytes = $bytes.Replace([Convert]::ToHexString($id.ToByteArray()), [Convert]::ToHexString([guid]::NewGuid().ToByteArray()))
    [System.IO.File]::WriteAllBytes($assembly, [Convert]::FromHexString($bytes))
    $newManifest = Join-Path $newer 'RoleCredentials.psd1'
    (Get-Content $newManifest -Raw) -replace "ModuleVersion( *)= '[^']*'", "ModuleVersion`$1= '99.1.2'" | Set-Content $newManifest
    # A new session, in which no test has imported anything.
    $script = Join-Path $TestDrive 'import.ps1'
    Set-Content $script @"
        Import-Module '$($manifest.Replace("'", "''"))'
        try { Import-Module '$($newManifest.Replace("'", "''"))'; 'imported' } catch { "failed: `$(`$_.FullyQualifiedErrorId)" }
        "`$((Get-Module RoleCredentials).Version)"
"@
    $output = & pwsh -NoProfile -NonInteractive -File $script
}

Describe 'Import-Module' {
    It 'gives the assembly the version of the package' {
        $version = (Get-Content (Join-Path $module '..' 'package.json') -Raw | ConvertFrom-Json).version
        $assembly = Join-Path $module 'core' 'RoleCredentials.dll'
        [System.Reflection.AssemblyName]::GetAssemblyName($assembly).Version.ToString(3) | Should -Be $version
        (Get-Item $assembly).VersionInfo.FileVersion | Should -Match "^$([regex]::Escape($version))"
        (Import-PowerShellDataFile $manifest).ModuleVersion | Should -Be $version
    }

    It 'fails for a version other than the loaded one, and says that it needs a new session' {
        # The engine reports whichever it meets first: the other assembly, or the types that are already loaded.
        $output -join "`n" | Should -Match 'failed: (System.IO.FileLoadException|FormatXmlUpdateException),Microsoft.PowerShell.Commands.ImportModuleCommand'
        $output -join ' ' | Should -Match '^\S*WARNING: RoleCredentials \S+ is loaded in this session and stays\. +Start a new session to use (99\.1\.2|another version)\.\S* failed:'
        $output[-1] | Should -Be (Import-PowerShellDataFile $manifest).ModuleVersion
    }

    It 'loads the views that mask secrets, also from the path that the loaded module names' {
        # In jobs and runspaces, scripts import that path, which is the assembly.
        $loaded = (Get-Module RoleCredentials).Path
        $shell = [powershell]::Create([initialsessionstate]::CreateDefault2())
        $found = $shell.AddScript('Import-Module $args[0]; (Get-FormatData RoleCredentials.RoleCredentials).TypeNames; @(Get-Module RoleCredentials).Count').AddArgument($loaded).Invoke()
        $shell.Streams.Error | Should -BeNullOrEmpty
        $found | Should -Be 'RoleCredentials.RoleCredentials', 1
        $shell.Commands.Clear()
        $shell.AddScript('Remove-Module RoleCredentials; Get-Command Use-Role -ListImported -ErrorAction Ignore').Invoke() | Should -BeNullOrEmpty
        $shell.Runspace.Dispose()
    }
}
