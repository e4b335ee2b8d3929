"""Edge TPUs are found where they are plugged in."""

from device.coral import corals


def test_edge_tpus_are_found_on_both_buses(tmp_path):
    buses = {"1": ("1a6e", "089a"), "2": ("18d1", "9302"), "3": ("046d", "c31c")}
    for bus, (vendor, product) in buses.items():
        device = tmp_path / f"sys/bus/usb/devices/{bus}-1"
        device.mkdir(parents=True)
        facts = {"idVendor": vendor, "idProduct": product, "busnum": bus, "devnum": "7"}
        for key, value in facts.items():
            (device / key).write_text(f"{value}\n")
    (tmp_path / "sys/bus/usb/devices/1-0:1.0").mkdir()
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev/apex_0").touch()
    found = [(one.kind, str(one.node.relative_to(tmp_path))) for one in corals(tmp_path)]
    assert found == [
        ("USB", "dev/bus/usb/001/007"),
        ("USB", "dev/bus/usb/002/007"),
        ("PCIe", "dev/apex_0"),
    ]
    assert corals(tmp_path / "nothing") == []
